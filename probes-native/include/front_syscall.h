// Front end for kernels without the socket tracepoints: the exit of every system call. It costs every call of every
// process a little, sees calls rather than sockets, and fills the same records with the same meaning.
//
// A socket is found through the descriptor that the call names, so the pointer to it is not one that the verifier
// trusts: its state is in a hash by address, and everything is read through a helper. What moves bytes outside of the
// calls in the table (sendmmsg, recvmmsg, io_uring) is not seen here; the next position tells.
#pragma once
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "observe.h"
#include "selection.h"

struct tracked {
  __u64 inode;  // an address may be given to another socket, an inode number is not so soon
  __u64 tcp;    // it has positions of its own
  struct connection connection;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 32768);
  __type(key, __u64);  // address of the socket
  __type(value, struct tracked);
} tracked_sockets SEC(".maps");

// How many connections were seen.
__u64 tracked_ids;

// The socket that a descriptor names, and its inode number; 0 = none.
static __always_inline struct sock *socket_of(struct task_struct *task, __u32 fd, __u64 *inode) {
  struct file *file = file_of(task, fd);
  if (!file) return 0;
  struct inode *at = BPF_CORE_READ(file, f_inode);
  if ((BPF_CORE_READ(at, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  *inode = BPF_CORE_READ(at, i_ino);
  struct socket *socket = BPF_CORE_READ(file, private_data);
  return BPF_CORE_READ(socket, sk);
}

static __always_inline bool is_tcp(struct sock *sk) {
  __u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
  return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, sk_type) == SOCK_STREAM &&
         BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline struct tracked *track(struct sock *sk, __u64 inode) {
  __u64 key = (__u64)sk;
  struct tracked *known = bpf_map_lookup_elem(&tracked_sockets, &key);
  if (known && known->inode == inode) return known;
  if (known) bpf_map_delete_elem(&tracked_sockets, &key);
  struct tracked fresh = {.inode = inode, .tcp = is_tcp(sk)};
  fresh.connection.id = knobs.first_id + __sync_fetch_and_add(&tracked_ids, 1);
  bpf_map_update_elem(&tracked_sockets, &key, &fresh, BPF_NOEXIST);  // fails if another thread was faster
  return bpf_map_lookup_elem(&tracked_sockets, &key);
}

static __always_inline int flags_of(const struct call *call, struct method method) {
  if (method.dir != RECV) return 0;
  if (method.shape == MESSAGE) return call->arg[2];
  bool recvfrom = call->number == (is_x86() ? 45 : 207);
  return recvfrom ? call->arg[3] : 0;
}

// Makes the record of a call; says the outcome, C_SUBMITTED if that is counted already.
static __always_inline enum counter tracked_outcome(void *context,
    struct ended *e, const struct call *call, enum shape shape, struct sock *sk, __u64 inode, __u64 ids) {
  struct tracked *tracked = track(sk, inode);
  if (!tracked) return C_NO_STATE;
  struct connection *c = &tracked->connection;
  struct header h = {.conn = c->id, .tid = ids, .len = e->ret, .dir = e->dir};
  if (tracked->tcp)
    tcp_positions(&h, sk);
  else
    own_positions(&h, c);
  enum policy policy = policy_of(c);
  if (policy == COUNT_ONLY) return C_COUNT_ONLY;
  if (needs_place(e, policy)) e->found = place_of(call, shape, &e->place);
  if (!e->ret && !ends_stream(e, BPF_CORE_READ(sk, sk_type))) return C_NOTHING;
  h.ts = bpf_ktime_get_ns();
  record_call(context, &h, e, c, policy, sk, ids >> 32);
  return C_SUBMITTED;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(call_end, struct pt_regs *regs, long ret) {
  __u64 ids = bpf_get_current_pid_tgid();
  __u32 tgid = ids >> 32;
  if (!selected(tgid)) return 0;
  struct task_struct *task = bpf_get_current_task_btf();
  if (is_compat(task)) {
    count(C_COMPAT);
    return 0;
  }
  struct call call = call_of(regs);
  struct method method = method_of(&call);
  if (method.shape == UNKNOWN) return 0;
  __u64 inode = 0;
  struct sock *sk = socket_of(task, method.shape == SPLICE ? call.arg[2] : call.arg[0], &inode);
  if (!sk && method.shape == SPLICE) {
    method.dir = RECV;
    sk = socket_of(task, call.arg[0], &inode);
  }
  if (!sk) return 0;
  count(C_SEEN);
  struct ended e = {.ret = ret, .flags = flags_of(&call, method), .dir = method.dir, .ours = true};
  enum counter why = unwanted(&e, BPF_CORE_READ(sk, __sk_common.skc_family));
  if (why == C_SUBMITTED) why = tracked_outcome(ctx, &e, &call, method.shape, sk, inode, ids);
  if (why != C_SUBMITTED) count(why);
  return 0;
}

// Not attached: the other one hands long calls on to it.
SEC("tp_btf/sys_exit")
int BPF_PROG(call_tell) {
  struct long_call *call = long_call();
  if (!call) return 0;
  struct tracked *known = bpf_map_lookup_elem(&tracked_sockets, &call->socket);
  return tell_long(call, known ? &known->connection : 0);
}

// As socket_close; and the address may be used again from now on.
SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(tracked_close, struct sock *sk) {
  __u64 key = (__u64)sk;
  struct tracked *known = bpf_map_lookup_elem(&tracked_sockets, &key);
  if (!known) return 0;
  if (known->connection.opened) {
    announce_close(&known->connection, sk);
    tls_forget(&known->connection);
  }
  bpf_map_delete_elem(&tracked_sockets, &key);
  return 0;
}
