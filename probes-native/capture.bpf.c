// Sees what selected processes send and receive on sockets, and hands it to user space in the order of each connection.
//
// The two socket tracepoints fire after the bytes were copied, for every socket whenever it was opened, so there is no
// table of descriptors and a connection that is older than these programs is seen like any other. Nothing is changed,
// and nothing of a process that is not selected leaves the kernel.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "connection.h"
#include "counters.h"
#include "kernel.h"
#include "payload.h"
#include "record.h"
#include "selection.h"
#include "syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline bool known_family(struct sock *sk) {
  __u16 family = sk->__sk_common.skc_family;
  return family == AF_INET || family == AF_INET6 || family == AF_UNIX;
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

// Takes the start of the send that ends now; 0 = unknown.
static __always_inline __u64 take_send_start(struct connection *c, enum direction dir) {
  if (dir != SEND) return 0;
  __u64 start = c->send_start;
  c->send_start = 0;
  return start;
}

// A send that failed must not lend its start to the next one.
static __always_inline void forget_send_start(struct sock *sk, enum direction dir) {
  if (dir != SEND) return;
  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, 0);
  if (c) c->send_start = 0;
}

static __always_inline int drop(enum counter why, struct sock *sk, enum direction dir) {
  count(why);
  forget_send_start(sk, dir);
  return 0;
}

static __always_inline int observe(struct sock *sk, int ret, int flags, enum direction dir) {
  __u64 ids = bpf_get_current_pid_tgid();
  __u32 tgid = ids >> 32;
  if (!selected(tgid)) return 0;
  count(C_SEEN);
  if (!known_family(sk)) return drop(C_OTHER_FAMILY, sk, dir);
  if (ret < 0) return drop(C_FAILED_CALL, sk, dir);
  if (flags & MSG_PEEK) return drop(C_PEEKED, sk, dir);
  if (flags & (MSG_OOB | MSG_ERRQUEUE)) return drop(C_NOTHING, sk, dir);

  struct task_struct *task = bpf_get_current_task_btf();
  struct call call = current_call(task);
  struct place place = {};
  bool ours = names_socket(&call, task, sk);
  bool found = ours && place_of(&call, dir, &place);
  if (!ret) {
    bool end = dir == RECV && sk->sk_type == SOCK_STREAM && (!found || offered_room(&place));
    if (!end) return drop(C_NOTHING, sk, dir);
  }

  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (!c) return drop(C_NO_STATE, sk, dir);
  __u64 start = take_send_start(c, dir);
  struct header h = {
      .ts = start ? start : bpf_ktime_get_ns(),
      .conn = bpf_get_socket_cookie(sk),
      .tid = (__u32)ids,
      .len = ret,
      .dir = dir,
      .kind = ret ? DATA : END,
  };
  positions(&h, sk, c);
  h.seq = __sync_fetch_and_add(&c->seq, 1);
  if (!c->opened) {
    if (!announce(&h, sk, tgid)) {
      count(C_RESERVE_FAILED);
      return 0;
    }
    c->opened = 1;
  }

  if (!ret)
    submit_bare(&h, C_END);
  else if (dir == RECV && (flags & MSG_TRUNC))
    submit_bare(&h, C_DISCARDED);
  else if (!found)
    submit_bare(&h, ours ? C_NO_BUFFER : C_GUARD);
  else if (place.vector)
    submit_vector(&h, &place);
  else
    submit_buffer(&h, place.base, place.len);
  return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(socket_send, struct sock *sk, int ret, int flags) {
  return observe(sk, ret, flags, SEND);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(socket_recv, struct sock *sk, int ret, int flags) {
  return observe(sk, ret, flags, RECV);
}

// Fires before TCP takes the bytes; socket_send fires after, perhaps when the peer has already answered. Missing on
// kernels before about 6.16: then user space does not load it.
SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(tcp_send_start, struct sock *sk) {
  if (!selected(bpf_get_current_pid_tgid() >> 32)) return 0;
  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (c && !c->send_start) c->send_start = bpf_ktime_get_ns();  // it fires again for each further piece
  return 0;
}

// May run in a soft interrupt on any thread, so it is the socket that must be known, not the process.
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(socket_state, struct sock *sk, int from, int to) {
  if (to != TCP_CLOSE) return 0;
  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, 0);
  if (!c || !c->opened) return 0;
  struct header *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
  if (!r) {
    count(C_CLOSE_FAILED);
    return 0;
  }
  struct header h = {.ts = bpf_ktime_get_ns(), .conn = bpf_get_socket_cookie(sk), .kind = CLOSE, .seq = c->seq};
  positions(&h, sk, c);
  *r = h;
  bpf_ringbuf_submit(r, wakeup());
  count(C_CLOSE);
  return 0;
}

// A child of a selected process is selected before it runs; a new thread (pid != tgid) already is.
SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child) {
  if (child->pid == child->tgid && selected(parent->tgid)) select_tgid(child->tgid);
  return 0;
}

// The last thread of a group has left: the number may be given to a stranger now. (A thread may outlive its leader.)
SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task) {
  if (!task->signal->live.counter) deselect_tgid(task->tgid);
  return 0;
}
