// The parts of the kernel's structures that the programs read. Every access is relocated against the running kernel's
// BTF (CO-RE), so only the fields in use are declared and no generated vmlinux.h is needed.
#pragma once
#include <linux/types.h>

#define RELOCATED __attribute__((preserve_access_index))

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10

#define SOCK_STREAM 1
#define IPPROTO_TCP 6

#define S_IFMT 0170000
#define S_IFSOCK 0140000

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_TRUNC 0x20
#define MSG_ERRQUEUE 0x2000

struct in6_addr___mop {
  union {
    __u32 u6_addr32[4];
  } in6_u;
} RELOCATED;

struct sock_common {
  __be32 skc_daddr;
  __be32 skc_rcv_saddr;
  __be16 skc_dport;
  __u16 skc_num;
  unsigned short skc_family;
  struct in6_addr___mop skc_v6_daddr;
  struct in6_addr___mop skc_v6_rcv_saddr;
} RELOCATED;

// Any structure that begins with a pointer.
struct hlist_node;

struct hlist_head {
  struct hlist_node *first;
} RELOCATED;

struct inode {
  unsigned short i_mode;
  unsigned long i_ino;
} RELOCATED;

struct file {
  void *private_data;
  struct inode *f_inode;
} RELOCATED;

struct sock;

struct socket {
  struct file *file;
  struct sock *sk;
} RELOCATED;

struct sock {
  struct sock_common __sk_common;
  __u16 sk_type;
  __u16 sk_protocol;
  struct socket *sk_socket;
} RELOCATED;

struct tcp_sock {
  __u32 copied_seq;
  __u32 write_seq;
  __u32 srtt_us;  // in eighths
  __u32 total_retrans;
  __u32 segs_in;
  __u32 segs_out;
  __u64 bytes_received;
  __u64 bytes_sent;
} RELOCATED;

struct fdtable {
  unsigned int max_fds;
  struct file **fd;
} RELOCATED;

struct files_struct {
  struct fdtable *fdt;
} RELOCATED;

struct atomic___mop {
  int counter;
} RELOCATED;

struct signal_struct {
  struct atomic___mop live;
} RELOCATED;

struct thread_info {
  unsigned long flags;
} RELOCATED;

struct task_struct {
  struct thread_info thread_info;
  int pid;
  int tgid;
  struct files_struct *files;
  struct signal_struct *signal;
  struct task_struct *group_leader;
  char comm[16];
} RELOCATED;

#define TS_COMPAT 0x2           // x86: thread_info.status
#define TIF_32BIT (1ul << 22)  // arm64: thread_info.flags

struct thread_info___x86 {
  __u32 status;
} RELOCATED;

struct task_struct___x86 {
  struct thread_info___x86 thread_info;
} RELOCATED;

// Registers at system call entry, or at a probe; one flavour for each architecture; the loader keeps the branch that
// exists.
struct pt_regs___x86 {
  unsigned long di, si, dx, cx, r8, r10, ax, orig_ax;
} RELOCATED;

struct pt_regs___arm64 {
  __u64 regs[31];
  __u64 orig_x0;
  int syscallno;
} RELOCATED;

// User-space ABI, not relocated.
struct user_iovec;

struct user_msghdr {
  void *name;
  int namelen;
  int pad;
  struct user_iovec *iov;
  unsigned long iovlen;
};
