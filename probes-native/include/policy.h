// How much of a connection's bytes user space wants, and which classifier knows its protocol. It says so once it knows
// what is spoken; until then it is all.
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "connection.h"
#include "payload.h"

// The order is the one of io.mop.capture.Policy.
enum policy {
  FULL,
  HEADS_OF_CLIENT,  // the first bytes of messages; the observed process sends requests
  HEADS_OF_SERVER,  // likewise; it receives requests
  HEADER_ONLY,      // records without payload
  COUNT_ONLY,       // no records
};

// Bytes of the first call after the sides have taken turns, and of each further one.
#define REQUEST_HEAD PAYLOAD_MAX
#define RESPONSE_HEAD 1024
#define CONTINUATION 64

// What the policies hold of a connection.
#define WANTED_POLICY(wanted) ((wanted) & 0xff)
#define WANTED_CLASSIFIER(wanted) ((wanted) >> 8 & (STAGES - 1))

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64);  // connection
  __type(value, __u32);
} policies SEC(".maps");

// Raised with each change of a policy, so that a connection looks its own up once a change and not once a call.
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} policy_generation SEC(".maps");

static __always_inline enum policy policy_of(struct connection *c) {
  __u32 zero = 0;
  __u32 *generation = bpf_map_lookup_elem(&policy_generation, &zero);
  if (generation && *generation != c->generation) {
    c->generation = *generation;
    __u32 *wanted = bpf_map_lookup_elem(&policies, &c->id);
    if (wanted) {
      c->policy = WANTED_POLICY(*wanted);
      c->classifier = WANTED_CLASSIFIER(*wanted);
    }
  }
  return c->policy;
}

// How much of a call that moved bytes is copied, and what is said if that is not all. To be asked once a call.
static __always_inline void want(struct telling *t, enum policy policy) {
  __u32 dir = t->header.dir;
  bool turned = t->c->last_dir != dir + 1;
  t->c->last_dir = dir + 1;
  t->wanted = WINDOW;
  t->cut = C_TRUNCATED;
  if (policy != HEADS_OF_CLIENT && policy != HEADS_OF_SERVER) return;
  bool request = dir == (policy == HEADS_OF_CLIENT ? SEND : RECV);
  t->wanted = !turned ? CONTINUATION : request ? REQUEST_HEAD : RESPONSE_HEAD;
  t->cut = C_HEADS;
}
