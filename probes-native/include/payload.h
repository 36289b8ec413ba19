// Copies the bytes of a call into a record and submits it.
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "classifier.h"
#include "connection.h"
#include "counters.h"
#include "record.h"
#include "ring.h"
#include "syscall.h"

// Most pieces of a vector that are gathered into one record.
#define PIECES_MAX 8
// Most bytes of one call that are copied.
#define WINDOW (4 * PAYLOAD_MAX)
// And the last ones of a longer call: what frames the next message is often there.
#define TAIL 64
// A call that one record does not take goes on in further ones.
#define RECORDS_MAX 24

static __always_inline __u32 least(__u64 a, __u32 b) {
  return a < b ? a : b;
}

// The call in records: what was told of it so far.
struct telling {
  struct header header;  // of the record that is next
  struct connection *c;
  __u32 end;         // position behind the whole call
  __u32 left;        // bytes of the call not told yet
  __u32 wanted;      // bytes of it that are to be copied
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
  count_both(C_SUBMITTED, why);
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
  t->header.kind = t->header.kind < TLS_DATA ? CONT : TLS_CONT;
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
  count_both(C_SUBMITTED, what);
}

static __always_inline void submit_sized(struct header *h, const void *from, __u32 n, enum counter cut) {
  if (n <= 64)
    submit_copy(h, from, n, cut, 64);
  else if (n <= 256)
    submit_copy(h, from, n, cut, 256);
  else if (n <= 1024)
    submit_copy(h, from, n, cut, 1024);
  else
    submit_copy(h, from, n, cut, PAYLOAD_MAX);
}

// A function of its own, as gather_on below: the verifier looks at it once, not once for each record of a call. The
// programs at the hooks do without: some kernels do not take functions and tail calls together.
__noinline int submit_part(struct header *h, __u64 from, __u32 n, enum counter cut) {
  if (h) submit_sized(h, (const void *)from, n, cut);
  return 0;
}

// A vector is gathered here first. Twice the size: the verifier takes offset and length for independent.
struct gathered {
  struct header header;
  __u8 payload[2 * PAYLOAD_MAX];
  struct cursor cursor;    // of a vector that is gathered at once
  volatile __u32 gathered;  // in memory, where the verifier does not follow it through all rounds
  __u32 busy;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct gathered);
} gather_space SEC(".maps");

// The space is taken if a program was preempted in the middle of a gather (some kernels allow that): then 0.
static __always_inline struct gathered *take_space(void) {
  __u32 zero = 0;
  struct gathered *g = bpf_map_lookup_elem(&gather_space, &zero);
  return g && !__sync_lock_test_and_set(&g->busy, 1) ? g : 0;
}

static __always_inline void leave_space(struct gathered *g) {
  *(volatile __u32 *)&g->busy = 0;
}

// Copies up to want bytes; says how many it got. Stops at a piece that cannot be read.
static __always_inline __u32 gather(struct gathered *g, struct cursor *from, __u32 want) {
  g->gathered = 0;
  for (__u32 i = 0; i < PIECES_MAX && from->pieces; i++) {
    __u32 n = g->gathered;
    if (n >= want) break;
    struct user_iovec piece;
    from->fault = bpf_probe_read_user(&piece, sizeof(piece), from->piece);
    if (from->fault) break;
    __u64 rest = piece.len - from->at;
    __u64 over = rest < from->skip ? rest : from->skip;
    from->skip -= over;
    from->at += over;
    rest -= over;
    __u32 k = from->skip ? 0 : least(rest, want - n);
    __u32 at = n;
    asm volatile("" : "+r"(k), "+r"(at));
    if (k > PAYLOAD_MAX) k = PAYLOAD_MAX;
    at &= PAYLOAD_MAX - 1;
    from->fault = bpf_probe_read_user(g->payload + at, k, piece.base + from->at);
    if (from->fault) break;
    g->gathered = n + k;
    from->at += k;
    if (k < rest) continue;
    from->piece++;
    from->pieces--;
    from->at = 0;
  }
  return g->gathered;
}

__noinline int gather_on(struct gathered *g, struct cursor *from, __u32 want) {
  return g && from ? gather(g, from, want) : 0;
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
  count_both(C_SUBMITTED, what);
}

// A call in one record.
static __always_inline void submit_short(struct telling *t, const struct place *place) {
  struct header *h = &t->header;
  __u32 most = least(t->wanted, PAYLOAD_MAX);
  if (!place->vector) {
    number(t);
    submit_sized(h, place->base, least(least(place->len, h->len), most), t->cut);
    return;
  }
  struct gathered *g = take_space();
  if (!g) return submit_bare(t, C_NO_BUFFER);
  g->cursor = (struct cursor){.piece = place->vector, .pieces = place->pieces};
  __u32 n = gather(g, &g->cursor, least(h->len, most));
  submit_gathered(number(t), g, n, g->cursor.fault ? C_FAULT : completeness(h, n, t->cut));
  leave_space(g);
}
