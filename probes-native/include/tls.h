// Joins calls of a TLS library to the socket they use. The library's functions do not name a socket; what they have in
// common with the socket's own records is the thread.
//
// A call in progress on a thread and a socket that moves bytes on that thread belong together. A library that is fed
// from memory makes no system call itself: its caller has received before, on the same thread, and what it received
// begins as a TLS record.
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "connection.h"
#include "syscall.h"

enum tls_call { NO_CALL, TLS_READ, TLS_WRITE, TLS_HANDSHAKE };

struct tls_thread {
  __u64 ssl;       // of the call in progress
  __u64 buffer;    // its arguments
  __u64 moved;     // where it says how much it moved; 0 = it returns that
  __u64 start;     // when it began
  __u64 conn;      // the socket that moved bytes during the call; 0 = none
  __u64 received;  // the connection that received TLS outside of any call; 0 = none, or a call has come since
  __u32 attached;  // number of the attachment
  __u8 call;       // enum tls_call
  __u8 ends;       // a result of 0 is the end of the stream
  __u8 greeting;   // what was received is part of a handshake
};

// Threads that have called the library. Nothing is looked up for others.
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct tls_thread);
} tls_threads SEC(".maps");

// The plaintext of a connection has numbers, positions and a policy of its own.
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, __u64);  // connection
  __type(value, struct connection);
} tls_states SEC(".maps");

#define CONTENT_CHANGE_CIPHER 20
#define CONTENT_HANDSHAKE 22
#define CONTENT_DATA 23

// Whether the bytes begin as a TLS record; its content type, or 0. What a client finishes a handshake with begins with a
// change of the cipher, perhaps with the first request in the same bytes.
static __always_inline __u8 tls_content(const struct place *place) {
  __u8 head[3];
  if (place->vector || bpf_probe_read_user(head, sizeof(head), place->base)) return 0;
  if (head[1] != 3 || head[2] > 4) return 0;
  if (head[0] == CONTENT_CHANGE_CIPHER) return CONTENT_HANDSHAKE;
  return head[0] == CONTENT_HANDSHAKE || head[0] == CONTENT_DATA ? head[0] : 0;
}

// A socket has moved bytes on this thread. The place is that of the bytes, 0 if it is not known.
static __always_inline void tls_moved(struct task_struct *task, const struct header *h, const struct place *place) {
  struct tls_thread *t = bpf_task_storage_get(&tls_threads, task, 0, 0);
  if (!t) return;
  if (t->call != NO_CALL) {
    t->conn = h->conn;
  } else if (h->dir == RECV) {
    __u8 content = place ? tls_content(place) : 0;
    t->received = content ? h->conn : 0;
    t->greeting = content == CONTENT_HANDSHAKE;
  }
}

// The connection is at its end: what still names it joins to nothing.
static __always_inline void tls_forget(const struct connection *c) {
  __u64 conn = c->id;
  bpf_map_delete_elem(&tls_states, &conn);
}
