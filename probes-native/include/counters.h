// Exact accounting, per CPU. Of every call that a selected process makes on a socket, of every one through a TLS library
// that moves bytes of a known connection, and of every further record that a long one needs, exactly one of the outcomes is counted, so that
//   seen + continued + tls = submitted + reserve_failed + failed_call + nothing + peeked + other_family + no_state + count_only +
//       untold
// and of every record submitted exactly one statement about its payload:
//   submitted = whole + truncated + fault + no_buffer + guard + discarded + end + heads + header_only + framed
// The order is the one of io.mop.bpf.Counter.
#pragma once
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

enum counter {
  C_SEEN,
  C_CONTINUED,  // further records of calls that one record does not take
  C_SUBMITTED,
  C_RESERVE_FAILED,  // the ring was full
  C_FAILED_CALL,     // the call returned an error, e.g. EAGAIN
  C_NOTHING,         // 0 bytes that do not end a stream; urgent data or error queue, which are no stream
  C_PEEKED,          // MSG_PEEK: the bytes will be seen again
  C_OTHER_FAMILY,    // neither IP nor unix, e.g. netlink
  C_NO_STATE,        // no memory for the state of a connection
  C_COUNT_ONLY,      // the connection's policy wants no records
  C_UNTOLD,          // a classifier kept the call to itself; found when the thread makes its next long one

  C_WHOLE,      // all bytes that the record stands for are in it
  C_TRUNCATED,  // more bytes than the records of one call take
  C_FAULT,      // user memory could not be read
  C_NO_BUFFER,  // a call whose buffer is unknown, e.g. sendfile or sendmmsg
  C_GUARD,      // the running system call is not the one that moved the bytes, e.g. io_uring
  C_DISCARDED,  // MSG_TRUNC: the kernel did not fill the buffer
  C_END,        // end of stream, no payload
  C_HEADS,        // cut because the connection's policy wants the heads of messages only
  C_HEADER_ONLY,  // the connection's policy wants no payload
  C_FRAMED,       // cut because the protocol's classifier knows the bytes to be of no use

  C_OPEN,
  C_OPEN_FAILED,  // the ring was full; tried again with the next record of the connection
  C_CLOSE,
  C_CLOSE_FAILED,  // the ring was full
  C_COMPAT,        // system calls of 32-bit processes, whose numbers mean other calls; not looked at and not in C_SEEN
  C_TLS,           // calls of a TLS library that moved bytes of a known connection, or found their end
  C_TLS_UNJOINED,  // such calls whose connection is not known; not in C_TLS
  COUNTERS,
};

struct counter_values {
  __u64 n[COUNTERS];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct counter_values);
} counters SEC(".maps");

// Atomic although per CPU: a soft interrupt may run another program in the middle of this one.
static __always_inline void count(enum counter c) {
  __u32 zero = 0;
  struct counter_values *values = bpf_map_lookup_elem(&counters, &zero);
  asm volatile("" : "+r"(c));  // keeps the bound next to the use
  if (values && c < COUNTERS) __sync_fetch_and_add(&values->n[c], 1);
}

// As count of each, with one look at the map.
static __always_inline void count_both(enum counter a, enum counter b) {
  __u32 zero = 0;
  struct counter_values *values = bpf_map_lookup_elem(&counters, &zero);
  asm volatile("" : "+r"(a), "+r"(b));
  if (!values || a >= COUNTERS || b >= COUNTERS) return;
  __sync_fetch_and_add(&values->n[a], 1);
  __sync_fetch_and_add(&values->n[b], 1);
}
