// Copies the bytes of a call into a record and submits it.
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "counters.h"
#include "record.h"
#include "ring.h"
#include "syscall.h"

// Most pieces of a vector that are gathered.
#define PIECES_MAX 8

static __always_inline __u32 least(__u64 a, __u32 b) {
  return a < b ? a : b;
}

// What to say about the payload of a record that carries n bytes.
static __always_inline enum counter completeness(const struct header *h, __u32 n) {
  return n == h->len ? C_WHOLE : C_TRUNCATED;
}

static __always_inline void submit_bare(struct header *h, enum counter why) {
  struct header *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
  if (!r) {
    count(C_RESERVE_FAILED);
    return;
  }
  h->cap = 0;
  *r = *h;
  bpf_ringbuf_submit(r, wakeup());
  count(C_SUBMITTED);
  count(why);
}

// Room is reserved in a few fixed sizes: the verifier wants a constant, and one copy straight into the ring is
// cheapest. What lies behind the n bytes is what was in the ring before: user space reads only cap bytes.
static __always_inline void submit_copy(struct header *h, const void *from, __u32 n, const __u32 room) {
  struct record *r = bpf_ringbuf_reserve(&ring, sizeof(*h) + room, 0);
  if (!r) {
    count(C_RESERVE_FAILED);
    return;
  }
  enum counter what = completeness(h, n);
  asm volatile("" : "+r"(n));  // keeps the bound next to the copy, where the verifier needs it
  if (n > room) n = room;
  if (bpf_probe_read_user(r->payload, n, from)) {
    n = 0;
    what = C_FAULT;
  }
  h->cap = n;
  r->header = *h;
  bpf_ringbuf_submit(r, wakeup());
  count(C_SUBMITTED);
  count(what);
}

static __always_inline void submit_buffer(struct header *h, const void *from, __u64 len) {
  __u32 n = least(least(len, h->len), PAYLOAD_MAX);
  if (n <= 64)
    submit_copy(h, from, n, 64);
  else if (n <= 256)
    submit_copy(h, from, n, 256);
  else if (n <= 1024)
    submit_copy(h, from, n, 1024);
  else
    submit_copy(h, from, n, PAYLOAD_MAX);
}

// A vector is gathered here first. Twice the size: the verifier takes offset and length for independent.
struct gathered {
  struct header header;
  __u8 payload[2 * PAYLOAD_MAX];
  __u32 busy;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct gathered);
} gather_space SEC(".maps");

// Copies up to want bytes; says how many it got. Stops at a piece that cannot be read.
static __always_inline __u32 gather(__u8 *to, const struct place *place, __u32 want, bool *fault) {
  __u32 n = 0;
  for (__u32 i = 0; i < PIECES_MAX && i < place->pieces && n < want; i++) {
    struct user_iovec piece;
    *fault = bpf_probe_read_user(&piece, sizeof(piece), place->vector + i);
    if (*fault) break;
    __u32 k = least(piece.len, want - n);
    __u32 at = n;
    asm volatile("" : "+r"(k), "+r"(at));
    if (k > PAYLOAD_MAX) k = PAYLOAD_MAX;
    at &= PAYLOAD_MAX - 1;
    *fault = bpf_probe_read_user(to + at, k, piece.base);
    if (*fault) break;
    n += k;
  }
  return n;
}

static __always_inline void submit_gathered(struct header *h, const struct place *place, struct gathered *g) {
  bool fault = false;
  __u32 n = gather(g->payload, place, least(h->len, PAYLOAD_MAX), &fault);
  h->cap = n;
  g->header = *h;
  __u32 size = sizeof(*h) + ((n + 7) & ~7u);
  asm volatile("" : "+r"(size));
  if (size > sizeof(*h) + PAYLOAD_MAX) size = sizeof(*h) + PAYLOAD_MAX;
  if (bpf_ringbuf_output(&ring, g, size, wakeup())) {
    count(C_RESERVE_FAILED);
    return;
  }
  count(C_SUBMITTED);
  count(fault ? C_FAULT : completeness(h, n));
}

static __always_inline void submit_vector(struct header *h, const struct place *place) {
  __u32 zero = 0;
  struct gathered *g = bpf_map_lookup_elem(&gather_space, &zero);
  // The space is taken if this program was preempted in the middle of a gather (some kernels allow that).
  if (!g || __sync_lock_test_and_set(&g->busy, 1)) return submit_bare(h, C_NO_BUFFER);
  submit_gathered(h, place, g);
  *(volatile __u32 *)&g->busy = 0;
}
