// What both front ends do with a call on a socket that has ended.
#pragma once
#include "connection.h"
#include "counters.h"
#include "long_call.h"
#include "payload.h"
#include "policy.h"
#include "syscall.h"
#include "tls.h"

struct ended {
  int ret;
  int flags;  // of a receive; of a send 0
  enum direction dir;
  bool ours;   // the running system call is the one that moved the bytes
  bool found;  // place says where they are
  struct place place;
};

// Whether the call's buffer must be looked for: for its bytes, or to tell an end of stream from a call without room.
static __always_inline bool needs_place(const struct ended *e, enum policy policy) {
  return !e->ret || policy != HEADER_ONLY;
}

// Why the call makes no record, as far as it can be told without a look at its buffer; C_SUBMITTED = it may make one.
static __always_inline enum counter unwanted(const struct ended *e, __u16 family) {
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) return C_OTHER_FAMILY;
  if (e->ret < 0) return C_FAILED_CALL;
  if (e->flags & MSG_PEEK) return C_PEEKED;
  if (e->flags & (MSG_OOB | MSG_ERRQUEUE)) return C_NOTHING;
  return C_SUBMITTED;
}

// True if the call offered room for at least one byte, so that a result of 0 means the end of the stream.
static __always_inline bool offered_room(const struct place *place) {
  if (!place->vector) return place->len > 0;
  for (__u32 i = 0; i < PIECES_MAX && i < place->pieces; i++) {
    struct user_iovec piece;
    if (bpf_probe_read_user(&piece, sizeof(piece), place->vector + i)) return false;
    if (piece.len) return true;
  }
  return false;
}

static __always_inline bool ends_stream(const struct ended *e, __u16 type) {
  return e->dir == RECV && type == SOCK_STREAM && (!e->found || offered_room(&e->place));
}

// Whether the call needs no other program.
static __always_inline bool is_short(const struct telling *t, const struct place *place) {
  if (t->cut == C_HEADS) return true;
  if (t->c->classifier && t->c->attentive) return false;
  return t->header.len <= PAYLOAD_MAX && (!place->vector || place->pieces <= PIECES_MAX);
}

// Makes the record, and the OPEN before the first. The header lacks kind and number.
static __always_inline void record_call(void *context, struct header *h, const struct ended *e, struct connection *c,
    enum policy policy, struct sock *sk, __u32 tgid) {
  h->kind = e->ret ? DATA : END;
  if (e->ret) tls_moved(bpf_get_current_task_btf(), h, e->found ? &e->place : 0);
  if (!c->opened) {
    if (!announce(h, sk, tgid)) {
      __sync_fetch_and_add(&c->seq, 1);  // the record that cannot come has a number too
      count(C_RESERVE_FAILED);
      return;
    }
    c->opened = 1;
  }

  struct telling t = {.header = *h, .c = c, .end = h->dir == SEND ? h->tx : h->rx, .left = h->len};
  want(&t, policy);
  bool discarded = e->dir == RECV && (e->flags & MSG_TRUNC);
  bool copied = e->ret && policy != HEADER_ONLY && !discarded && e->found;
  if (copied && !is_short(&t, &e->place)) hand_on(context, &t, &e->place, (__u64)sk);
  passed(h, c);
  if (!e->ret)
    submit_bare(&t, C_END);
  else if (policy == HEADER_ONLY)
    submit_bare(&t, C_HEADER_ONLY);
  else if (discarded)
    submit_bare(&t, C_DISCARDED);
  else if (!e->found)
    submit_bare(&t, e->ours ? C_NO_BUFFER : C_GUARD);
  else
    submit_short(&t, &e->place);
}
