// A call that one record does not take: handed on by the program at the hook, told in several records by another.
#pragma once
#include "classifier.h"
#include "payload.h"

// Hands the call on, to the classifier of its connection if it has one. Comes back only if that is not possible.
static __always_inline void hand_on(void *context, const struct telling *t, const struct place *place, __u64 socket) {
  struct long_call *call =
      bpf_task_storage_get(&long_calls, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!call) return;
  if (call->pending) count(C_UNTOLD);
  call->pending = 1;
  call->header = t->header;
  call->socket = socket;
  call->place = *place;
  call->framing = t->c->framing[t->header.dir & 1];
  call->answered = 0;
  call->ranges = 0;
  if (t->c->classifier) bpf_tail_call(context, &stages, t->c->classifier);
  bpf_tail_call(context, &stages, TELL);
  call->pending = 0;
}

// A call that no classifier looks at has passed: what was known of the bytes behind it does not hold any more if it went
// further than that. (Otherwise a position could be taken for one ahead when 2 GiB have passed.)
static __always_inline void passed(const struct header *h, struct connection *c) {
  framing *known = &c->framing[h->dir & 1];
  if (*known && (__s32)(start_of(h) + h->len - next_of(*known)) > 0) *known = 0;
}

// Bounds what is to be kept by the room there is; the end of what is not copied for want of it is kept too. What a
// classifier says is not trusted. Says how many parts that makes.
__noinline int bound(struct long_call *call) {
  if (!call) return 0;
  __u32 len = call->header.len, room = WINDOW, from = 0, n = call->ranges;
  if (!call->place.vector) len = least(call->place.len, len);
  if (!call->answered) {
    call->keep[0] = (struct range){0, len};
    n = 1;
  }
  call->window = len;
  for (__u32 i = 0; i < RANGES_MAX && i < n; i++) {
    struct range r = call->keep[i];
    if (r.from < from) r.from = from;
    if (r.to > len) r.to = len;
    if (r.to < r.from) r.to = r.from;
    from = r.to;
    __u32 wanted = r.to - r.from;
    if (wanted > room) {
      call->window = r.to = r.from + room;
      call->keep[i] = r;
      call->keep[i + 1] = (struct range){len - r.to > TAIL ? len - TAIL : r.to, len};
      return i + 2;
    }
    room -= wanted;
    call->keep[i] = r;
  }
  return n < RANGES_MAX ? n : RANGES_MAX;
}

// What a record takes of a call.
struct share {
  __u32 bytes;  // copied
  __u32 next;   // where the next record begins
  bool last;    // there is none
  bool fault;
};

// The next record's share. Of a vector it is gathered; of how much, and whether there is more, tells only the vector.
static __always_inline struct share next_share(struct long_call *call, struct gathered *g) {
  struct walk *walk = &call->walk;
  __u32 len = call->header.len, at = walk->at;
  struct range part = {len, len};
  if (walk->part < walk->parts) part = call->keep[walk->part & (RANGES - 1)];
  struct share s = {.next = part.from};
  if (part.from <= at) {
    s.bytes = least(part.to - at, PAYLOAD_MAX);
    if (g) {
      __u32 wanted = s.bytes;
      s.bytes = gather_on(g, &walk->cursor, wanted);
      s.fault = walk->cursor.fault;
      s.last = s.fault || (s.bytes < wanted && !walk->cursor.pieces);
    }
    s.next = at + s.bytes;
    if (s.next == part.to) {
      walk->part++;
      s.next = walk->part < walk->parts ? call->keep[walk->part & (RANGES - 1)].from : len;
    }
  }
  s.last |= s.next >= len || walk->records == RECORDS_MAX - 1;
  walk->cursor.skip += s.next - at - s.bytes;
  return s;
}

// Makes the next record of the call; says whether it is the last.
__noinline int tell_next(struct long_call *call, struct connection *c, struct gathered *g) {
  if (!call || !c) return 1;
  struct walk *walk = &call->walk;
  __u32 at = walk->at;
  struct share s = next_share(call, g);
  walk->records++;
  if (!s.bytes && s.next == at && !s.last) return 0;  // there are many pieces to pass over
  struct telling t = {.header = call->header, .c = c, .left = call->header.len - at};
  t.end = start_of(&call->header) + call->header.len;
  if (at) go_on(&t);
  share(&t, s.next - at, s.last);
  bool room = s.next <= call->window && (!s.last || s.next >= call->header.len);
  t.cut = s.fault ? C_FAULT : room ? C_FRAMED : C_TRUNCATED;
  if (!s.bytes)
    submit_bare(&t, t.cut);
  else if (g)
    submit_gathered(number(&t), g, s.bytes, completeness(&t.header, s.bytes, t.cut));
  else
    submit_part(number(&t), (__u64)call->place.base + at, s.bytes, t.cut);
  walk->at = s.next;
  return s.last;
}

static __always_inline void tell_all(struct long_call *call, struct connection *c, struct gathered *g) {
  for (__u32 i = 0; i < RECORDS_MAX; i++) {
    if (tell_next(call, c, g)) return;
  }
}

static __always_inline int tell_long(struct long_call *call, struct connection *c) {
  if (!call || !c) {
    count(C_NO_STATE);
    return 0;
  }
  call->pending = 0;
  c->framing[call->header.dir & 1] = call->answered ? call->framing : 0;
  c->attentive |= call->answered && !call->framing && call->header.len > PAYLOAD_MAX;
  const struct place *place = &call->place;
  call->walk = (struct walk){.parts = bound(call), .cursor = {.piece = place->vector, .pieces = place->pieces}};
  if (!place->vector) {
    tell_all(call, c, 0);
    return 0;
  }
  struct gathered *g = take_space();
  if (!g) {
    struct telling t = {.header = call->header, .c = c};
    submit_bare(&t, C_NO_BUFFER);
    return 0;
  }
  tell_all(call, c, g);
  leave_space(g);
  return 0;
}
