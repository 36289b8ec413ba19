// Front end for kernels with the two socket tracepoints (Linux 6.3). They fire after the bytes were copied, for every
// socket whenever it was opened, so there is no table of descriptors; other system calls cost nothing.
#pragma once
#include <bpf/bpf_tracing.h>
#include "observe.h"
#include "selection.h"

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct connection);
} connections SEC(".maps");

// The positions after a call that moved len bytes. A position that is not previous position + len shows user space that
// bytes passed unseen.
static __always_inline void positions(struct header *h, struct sock *sk, struct connection *c) {
  struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
  if (tcp) {
    h->tx = tcp->write_seq;
    h->rx = tcp->copied_seq;
    asm volatile("");  // or the compiler shares these loads with those below, which the verifier refuses
    return;
  }
  own_positions(h, c);
}

static __always_inline bool has_positions(struct sock *sk) {
  return sk->sk_protocol == IPPROTO_TCP && sk->sk_type == SOCK_STREAM && sk->__sk_common.skc_family != AF_UNIX;
}

// Takes the start of the send that ends now; 0 = unknown.
static __always_inline __u64 take_send_start(struct connection *c, enum direction dir) {
  if (dir != SEND) return 0;
  __u64 start = c->send_start;
  c->send_start = 0;
  return start;
}

// A send that failed must not lend its start to the next one.
static __always_inline int drop(enum counter why, struct sock *sk, enum direction dir) {
  count_both(C_SEEN, why);
  if (dir != SEND) return 0;
  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, 0);
  if (c) c->send_start = 0;
  return 0;
}

static __always_inline void look_for_place(struct ended *e, struct sock *sk) {
  struct task_struct *task = bpf_get_current_task_btf();
  struct call call = call_of((void *)bpf_task_pt_regs(task));
  struct method method = method_of(&call);
  e->ours = names_socket(&call, task, sk);
  e->found = e->ours && method.dir == e->dir && place_of(&call, method.shape, &e->place);
}

static __always_inline int observe(void *context, struct sock *sk, int ret, int flags, enum direction dir) {
  __u64 ids = bpf_get_current_pid_tgid();
  __u32 tgid = ids >> 32;
  if (!selected(tgid)) return 0;
  struct ended e = {.ret = ret, .flags = flags, .dir = dir};
  enum counter why = unwanted(&e, sk->__sk_common.skc_family);
  if (why != C_SUBMITTED) return drop(why, sk, dir);

  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (!c) return drop(C_NO_STATE, sk, dir);
  if (!c->id) c->id = bpf_get_socket_cookie(sk);
  __u64 start = take_send_start(c, dir);
  enum policy policy = policy_of(c);
  struct header h = {.conn = c->id, .tid = ids, .len = ret, .dir = dir};
  if (policy == COUNT_ONLY) {
    count_both(C_SEEN, C_COUNT_ONLY);
    if (!has_positions(sk)) own_positions(&h, c);
    return 0;
  }

  count(C_SEEN);
  positions(&h, sk, c);
  if (needs_place(&e, policy)) look_for_place(&e, sk);
  if (!ret && !ends_stream(&e, sk->sk_type)) {
    count(C_NOTHING);
    return 0;
  }
  h.ts = start ? start : bpf_ktime_get_ns();
  record_call(context, &h, &e, c, policy, sk, tgid);
  return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(socket_send, struct sock *sk, int ret, int flags) {
  return observe(ctx, sk, ret, flags, SEND);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(socket_recv, struct sock *sk, int ret, int flags) {
  return observe(ctx, sk, ret, flags, RECV);
}

// Not attached: the other two hand long calls on to it.
SEC("tp_btf/sock_send_length")
int BPF_PROG(socket_tell, struct sock *sk) {
  return tell_long(long_call(), bpf_sk_storage_get(&connections, sk, 0, 0));
}

// Fires before TCP takes the bytes; socket_send fires after, perhaps when the peer has already answered. Missing on
// kernels before about 6.16: then user space does not load it.
SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(tcp_send_start, struct sock *sk) {
  if (!selected(bpf_get_current_pid_tgid() >> 32)) return 0;
  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (!c || c->policy == COUNT_ONLY) return 0;
  if (!c->send_start) c->send_start = bpf_ktime_get_ns();  // it fires again for each further piece
  return 0;
}

// The last use of a TCP socket: neither its process nor its peer can move a byte any more. (The state CLOSE comes
// earlier: after a half-close there may be bytes that the process has not read yet.) May run in a soft interrupt on any
// thread, so it is the socket that must be known, not the process.
SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(socket_close, struct sock *sk) {
  struct connection *c = bpf_sk_storage_get(&connections, sk, 0, 0);
  if (!c || !c->opened) return 0;
  announce_close(c, sk);
  tls_forget(c);
  return 0;
}
