// What is kept for each socket, for as long as the socket lives.
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "counters.h"
#include "kernel.h"
#include "record.h"
#include "ring.h"

struct connection {
  __u64 send_start;  // when the send in progress began; 0 = unknown
  __u32 seq;
  __u32 tx, rx;  // own positions of sockets that are not TCP
  __u32 opened;  // OPEN was submitted
};

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
  __u32 *moved = h->dir == SEND ? &c->tx : &c->rx;
  __sync_fetch_and_add(moved, h->len);
  h->tx = c->tx;
  h->rx = c->rx;
}

static __always_inline void ipv6_address(__u8 *to, const struct in6_addr___mop *from) {
  __u32 *words = (__u32 *)to;
  words[0] = from->in6_u.u6_addr32[0];
  words[1] = from->in6_u.u6_addr32[1];
  words[2] = from->in6_u.u6_addr32[2];
  words[3] = from->in6_u.u6_addr32[3];
}

static __always_inline bool ipv4_mapped(const struct in6_addr___mop *a) {
  return !a->in6_u.u6_addr32[0] && !a->in6_u.u6_addr32[1] && a->in6_u.u6_addr32[2] == bpf_htonl(0xffff);
}

static __always_inline void endpoints(struct open_payload *open, struct sock *sk) {
  struct sock_common *common = &sk->__sk_common;
  open->family = common->skc_family;
  if (open->family == AF_UNIX) return;
  open->local_port = common->skc_num;
  open->remote_port = bpf_ntohs(common->skc_dport);
  if (open->family == AF_INET6 && !ipv4_mapped(&common->skc_v6_daddr)) {
    ipv6_address(open->local_addr, &common->skc_v6_rcv_saddr);
    ipv6_address(open->remote_addr, &common->skc_v6_daddr);
    return;
  }
  open->family = AF_INET;
  *(__u32 *)open->local_addr = common->skc_rcv_saddr;
  *(__u32 *)open->remote_addr = common->skc_daddr;
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
  endpoints(&r->open, sk);
  bpf_ringbuf_submit(r, wakeup());
  count(C_OPEN);
  return true;
}
