// Copies the bytes of a call into a record and submits it.
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "connection.h"
#include "counters.h"
#include "record.h"
#include "ring.h"
#include "syscall.h"

// Most pieces of a vector that are gathered into one record.
#define PIECES_MAX 8
// A call that one record does not take goes on in further ones.
#define RECORDS_MAX 4
#define WINDOW (RECORDS_MAX * PAYLOAD_MAX)

static __always_inline __u32 least(__u64 a, __u32 b) {
  return a < b ? a : b;
}

// The call in records: what was told of it so far.
struct telling {
  struct header header;  // of the record that is next
  struct connection *c;
  __u32 end;         // position behind the whole call
  __u32 left;        // bytes of the call not told yet
  __u32 wanted;      // bytes of it still to be copied
  enum counter cut;  // what to say if that is not all
};

// Numbers the next record: as late as can be, so that records come in the order of their numbers but for threads that
// use one socket at the same moment.
static __always_inline struct header *number(struct telling *t) {
  t->header.seq = __sync_fetch_and_add(&t->c->seq, 1);
  return &t->header;
}

static __always_inline void submit_bare(struct telling *t, enum counter why) {
  struct header *h = number(t);
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

// Gives the next record its share of n bytes, of which the last takes all that is left. A record has its own number
// and its own position, so that bytes are missing between two records in the same way as between two calls.
static __always_inline void share(struct telling *t, __u32 n, bool last) {
  struct header *h = &t->header;
  h->len = last ? t->left : n;
  t->left -= h->len;
  *(h->dir == SEND ? &h->tx : &h->rx) = t->end - t->left;
}

static __always_inline void go_on(struct telling *t) {
  count(C_CONTINUED);
  t->header.kind = CONT;
}

// What to say about the payload of a record that carries n bytes.
static __always_inline enum counter completeness(const struct header *h, __u32 n, enum counter cut) {
  return n == h->len ? C_WHOLE : cut;
}

// Room is reserved in a few fixed sizes: the verifier wants a constant, and one copy straight into the ring is
// cheapest. What lies behind the n bytes is what was in the ring before: user space reads only cap bytes.
static __always_inline void submit_copy(
    struct header *h, const void *from, __u32 n, enum counter cut, const __u32 room) {
  struct record *r = bpf_ringbuf_reserve(&ring, sizeof(*h) + room, 0);
  if (!r) {
    count(C_RESERVE_FAILED);
    return;
  }
  enum counter what = completeness(h, n, cut);
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

// A function of its own, as gather below: the verifier looks at it once, not once for each record of a call.
__noinline int submit_sized(struct header *h, __u64 from, __u32 n, enum counter cut) {
  if (!h) return 0;
  if (n <= 64)
    submit_copy(h, (const void *)from, n, cut, 64);
  else if (n <= 256)
    submit_copy(h, (const void *)from, n, cut, 256);
  else if (n <= 1024)
    submit_copy(h, (const void *)from, n, cut, 1024);
  else
    submit_copy(h, (const void *)from, n, cut, PAYLOAD_MAX);
  return 0;
}

static __always_inline void submit_buffer(struct telling *t, const void *from, __u64 len) {
  __u32 whole = least(least(len, t->left), t->wanted);
  for (__u32 done = 0; done < WINDOW; done += PAYLOAD_MAX) {
    __u32 n = least(whole - done, PAYLOAD_MAX);
    bool last = n == whole - done;
    if (done) go_on(t);
    share(t, n, last);
    submit_sized(number(t), (__u64)from + done, n, t->cut);
    if (last) return;
  }
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

// How far a vector was read.
struct cursor {
  const struct user_iovec *piece;
  __u64 pieces;  // this one and those behind it
  __u64 at;      // bytes of this one
  __u64 fault;   // it cannot be read
};

// Copies up to want bytes; says how many it got. Stops at a piece that cannot be read.
__noinline int gather(struct gathered *g, struct cursor *from, __u32 want) {
  if (!g || !from) return 0;
  __u32 n = 0;
  for (__u32 i = 0; i < PIECES_MAX && from->pieces && n < want; i++) {
    struct user_iovec piece;
    from->fault = bpf_probe_read_user(&piece, sizeof(piece), from->piece);
    if (from->fault) break;
    __u64 rest = piece.len - from->at;
    __u32 k = least(rest, want - n);
    __u32 at = n;
    asm volatile("" : "+r"(k), "+r"(at));
    if (k > PAYLOAD_MAX) k = PAYLOAD_MAX;
    at &= PAYLOAD_MAX - 1;
    from->fault = bpf_probe_read_user(g->payload + at, k, piece.base + from->at);
    if (from->fault) break;
    n += k;
    from->at += k;
    if (k < rest) continue;
    from->piece++;
    from->pieces--;
    from->at = 0;
  }
  return n;
}

static __always_inline void submit_gathered(struct header *h, struct gathered *g, __u32 n, enum counter what) {
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
  count(what);
}

static __always_inline void submit_pieces(struct telling *t, const struct place *place, struct gathered *g) {
  struct cursor at = {.piece = place->vector, .pieces = place->pieces};
  for (__u32 i = 0; i < RECORDS_MAX; i++) {
    __u32 n = gather(g, &at, least(least(t->left, t->wanted), PAYLOAD_MAX));
    t->wanted -= n;
    bool last = at.fault || !n || !t->wanted || n == t->left || !at.pieces || i == RECORDS_MAX - 1;
    if (i) go_on(t);
    share(t, n, last);
    submit_gathered(number(t), g, n, at.fault ? C_FAULT : completeness(&t->header, n, t->cut));
    if (last) return;
  }
}

static __always_inline void submit_vector(struct telling *t, const struct place *place) {
  __u32 zero = 0;
  struct gathered *g = bpf_map_lookup_elem(&gather_space, &zero);
  // The space is taken if this program was preempted in the middle of a gather (some kernels allow that).
  if (!g || __sync_lock_test_and_set(&g->busy, 1)) return submit_bare(t, C_NO_BUFFER);
  submit_pieces(t, place, g);
  *(volatile __u32 *)&g->busy = 0;
}
