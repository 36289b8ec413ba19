// What is kept for each socket for as long as it lives, whichever front end sees it; and its OPEN and CLOSE records.
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "classifier.h"
#include "counters.h"
#include "kernel.h"
#include "record.h"
#include "ring.h"

struct connection {
  __u64 id;
  __u64 send_start;  // when the send in progress began; 0 = unknown
  __u32 seq;
  __u32 tx, rx;      // own positions of sockets that are not TCP
  __u32 opened;      // OPEN was submitted
  __u32 policy;      // enum policy
  __u32 generation;  // of the policies when it was looked up
  __u32 last_dir;    // of the last call, plus 1; 0 = there was none
  __u32 classifier;  // of its protocol, in the stages; 0 = it has none
  __u32 attentive;     // it has long calls that its classifier understands only with the short ones before them
  framing framing[2];  // by direction
};

// The positions of a socket that has none: counted from the first sight on.
static __always_inline void own_positions(struct header *h, struct connection *c) {
  __u32 *moved = h->dir == SEND ? &c->tx : &c->rx;
  __sync_fetch_and_add(moved, h->len);
  h->tx = c->tx;
  h->rx = c->rx;
}

static __always_inline bool ipv4_mapped(const struct in6_addr___mop *a) {
  return !a->in6_u.u6_addr32[0] && !a->in6_u.u6_addr32[1] && a->in6_u.u6_addr32[2] == bpf_htonl(0xffff);
}

// Reads through a helper, as one front end's pointer is not trusted; it is once a connection.
static __always_inline void endpoints(struct open_payload *open, struct sock *sk) {
  open->family = BPF_CORE_READ(sk, __sk_common.skc_family);
  if (open->family == AF_UNIX) return;
  open->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
  open->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
  if (open->family == AF_INET6) {
    struct in6_addr___mop remote = BPF_CORE_READ(sk, __sk_common.skc_v6_daddr);
    if (!ipv4_mapped(&remote)) {
      BPF_CORE_READ_INTO(&open->local_addr, sk, __sk_common.skc_v6_rcv_saddr);
      BPF_CORE_READ_INTO(&open->remote_addr, sk, __sk_common.skc_v6_daddr);
      return;
    }
  }
  open->family = AF_INET;
  *(__u32 *)open->local_addr = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
  *(__u32 *)open->remote_addr = BPF_CORE_READ(sk, __sk_common.skc_daddr);
}

// Announces the connection. False if the ring has no room: then its data must wait too, or it would come unannounced.
static __always_inline bool announce(const struct header *h, struct sock *sk, __u32 tgid) {
  struct open_record *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
  if (!r) {
    count(C_OPEN_FAILED);
    return false;
  }
  __builtin_memset(&r->open, 0, sizeof(r->open));
  r->header = *h;
  r->header.kind = OPEN;
  r->header.len = 0;
  r->header.seq = 0;
  r->header.cap = sizeof(r->open);
  r->open.tgid = tgid;
  struct task_struct *task = (void *)bpf_get_current_task();
  BPF_CORE_READ_INTO(&r->open.command, task, group_leader, comm);
  endpoints(&r->open, sk);
  bpf_ringbuf_submit(r, wakeup());
  count(C_OPEN);
  return true;
}

static __always_inline void tcp_positions(struct header *h, struct sock *sk) {
  struct tcp_sock *tcp = (void *)sk;
  h->tx = BPF_CORE_READ(tcp, write_seq);
  h->rx = BPF_CORE_READ(tcp, copied_seq);
}

static __always_inline void announce_close(const struct connection *c, struct sock *sk) {
  struct close_record *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
  if (!r) {
    count(C_CLOSE_FAILED);
    return;
  }
  r->header = (struct header){
      .ts = bpf_ktime_get_ns(), .conn = c->id, .kind = CLOSE, .seq = c->seq, .cap = sizeof(r->close)};
  tcp_positions(&r->header, sk);
  struct tcp_sock *tcp = (void *)sk;
  r->close.rtt_us = BPF_CORE_READ(tcp, srtt_us) >> 3;
  r->close.retransmits = BPF_CORE_READ(tcp, total_retrans);
  r->close.segments_in = BPF_CORE_READ(tcp, segs_in);
  r->close.segments_out = BPF_CORE_READ(tcp, segs_out);
  r->close.bytes_in = BPF_CORE_READ(tcp, bytes_received);
  r->close.bytes_out = BPF_CORE_READ(tcp, bytes_sent);
  bpf_ringbuf_submit(r, wakeup());
  count(C_CLOSE);
}
