// A call that one record does not take, on its way between the front end, the classifier of the connection's protocol
// and the program that tells it. A classifier is an object of its own, brought and taken away with the protocol's
// bundle; it says which bytes of the call are of use, so that the rest need not be copied.
//
// It is entered by a tail call, on either front end, and so reads struct long_call and never its context. It may say
// nothing. Whatever it says it ends with tell_call(): a call that it keeps to itself is lost, and counted.
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "place.h"
#include "record.h"

// Most parts of a call that a classifier can name, and what tells the call adds some of its own.
#define RANGES_MAX 14
#define RANGES 16

// Bytes of a call, from an offset up to another.
struct range {
  __u32 from, to;
};

// What is known of the bytes that come next in a direction: the position of the first byte that is not known to be of no
// use, and what is there, in the classifier's own numbers. 0 = nothing is known.
typedef __u64 framing;

static __always_inline framing framing_of(__u32 next, __u32 what) {
  return (__u64)what << 32 | next;
}

static __always_inline __u32 next_of(framing f) {
  return f;
}

static __always_inline __u32 what_of(framing f) {
  return f >> 32;
}

// How far a vector was read.
struct cursor {
  const struct user_iovec *piece;
  __u64 pieces;  // this one and those behind it
  __u64 at;      // bytes of this one
  __u64 skip;    // bytes to pass over before the next is copied
  __u64 fault;   // it cannot be read
};

// How far a call was told.
struct walk {
  struct cursor cursor;
  __u32 at;  // bytes
  __u32 part;
  __u32 parts;
  __u32 records;
};

struct long_call {
  struct header header;  // kind, number and payload are not set
  __u64 socket;          // for the front end
  struct place place;
  framing framing;   // before the call; the classifier sets what it is after it
  __u32 answered;    // the classifier has said what it wants: 1
  __u32 ranges;      // how many of keep it has set; none: no byte of the call is of use
  struct range keep[RANGES];  // ascending, not overlapping
  __u32 window;      // offset from which on bytes are not copied for want of room
  __u32 pending;     // handed on, and not told yet
  struct walk walk;
};

// Of a thread: others cannot come in between.
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct long_call);
} long_calls SEC(".maps");

// The program that tells a call, and the classifiers behind it, each where user space has put it.
#define TELL 0
#define STAGES 16

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, STAGES);
  __type(key, __u32);
  __type(value, __u32);
} stages SEC(".maps");

// The thread's own task.
struct task_struct;

// The call in progress; 0 = there is none.
static __always_inline struct long_call *long_call(void) {
  return bpf_task_storage_get(&long_calls, bpf_get_current_task_btf(), 0, 0);
}

// Hands the call to the program that tells it, and does not come back.
static __always_inline int tell_call(void *context) {
  bpf_tail_call(context, &stages, TELL);
  return 0;
}

// Position of the first byte of the call.
static __always_inline __u32 start_of(const struct header *h) {
  return (h->dir == SEND ? h->tx : h->rx) - h->len;
}
