// The system call that is running: its number, its arguments, and where its buffer is.
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel.h"
#include "record.h"

struct call {
  __u64 number;
  __u64 arg[3];
};

static __always_inline struct call current_call(struct task_struct *task) {
  struct call call = {};
  void *regs = (void *)bpf_task_pt_regs(task);
  if (bpf_core_field_exists(struct pt_regs___x86, orig_ax)) {
    struct pt_regs___x86 *x86 = regs;
    call.number = x86->orig_ax;
    call.arg[0] = x86->di;
    call.arg[1] = x86->si;
    call.arg[2] = x86->dx;
  } else {
    struct pt_regs___arm64 *arm = regs;
    call.number = arm->syscallno;
    call.arg[0] = arm->regs[0];
    call.arg[1] = arm->regs[1];
    call.arg[2] = arm->regs[2];
  }
  return call;
}

// True if the descriptor that the running call names is this socket. It is not when the bytes were moved by something
// that merely runs inside this call (io_uring work, a socket of the kernel): then the call's buffer is another's.
static __always_inline bool names_socket(const struct call *call, struct task_struct *task, struct sock *sk) {
  struct socket *socket = sk->sk_socket;
  struct files_struct *files = task->files;
  if (!socket || !files) return false;
  struct fdtable *table = files->fdt;
  __u32 fd = call->arg[0];
  if (!table || fd >= table->max_fds) return false;
  struct file *file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
  return file && file == socket->file;
}

enum shape { UNKNOWN, BUFFER, VECTOR, MESSAGE };

// How arguments 1 and 2 say where the bytes are. A call that is not in the table, or that moves bytes the other way,
// is UNKNOWN: never guess a pointer.
static __always_inline enum shape shape_x86(__u64 number, enum direction dir) {
  switch (number) {
    case 0:   // read
    case 45:  // recvfrom
      return dir == RECV ? BUFFER : UNKNOWN;
    case 1:   // write
    case 44:  // sendto
      return dir == SEND ? BUFFER : UNKNOWN;
    case 19:  // readv
      return dir == RECV ? VECTOR : UNKNOWN;
    case 20:  // writev
      return dir == SEND ? VECTOR : UNKNOWN;
    case 47:  // recvmsg
      return dir == RECV ? MESSAGE : UNKNOWN;
    case 46:  // sendmsg
      return dir == SEND ? MESSAGE : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

static __always_inline enum shape shape_arm64(__u64 number, enum direction dir) {
  switch (number) {
    case 63:   // read
    case 207:  // recvfrom
      return dir == RECV ? BUFFER : UNKNOWN;
    case 64:   // write
    case 206:  // sendto
      return dir == SEND ? BUFFER : UNKNOWN;
    case 65:  // readv
      return dir == RECV ? VECTOR : UNKNOWN;
    case 66:  // writev
      return dir == SEND ? VECTOR : UNKNOWN;
    case 212:  // recvmsg
      return dir == RECV ? MESSAGE : UNKNOWN;
    case 211:  // sendmsg
      return dir == SEND ? MESSAGE : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

// Where the bytes of a call are: one piece of user memory, or a vector of pieces.
struct place {
  const void *base;
  __u64 len;
  const struct user_iovec *vector;  // used if not 0
  __u64 pieces;
};

// False if the call's buffer is unknown.
static __always_inline bool place_of(const struct call *call, enum direction dir, struct place *place) {
  bool x86 = bpf_core_field_exists(struct pt_regs___x86, orig_ax);
  enum shape shape = x86 ? shape_x86(call->number, dir) : shape_arm64(call->number, dir);
  if (shape == UNKNOWN) return false;
  if (shape == BUFFER) {
    place->base = (const void *)call->arg[1];
    place->len = call->arg[2];
    return true;
  }
  place->vector = (const struct user_iovec *)call->arg[1];
  place->pieces = call->arg[2];
  if (shape == MESSAGE) {
    struct user_msghdr message;
    if (bpf_probe_read_user(&message, sizeof(message), (const void *)call->arg[1])) return false;
    place->vector = message.iov;
    place->pieces = message.iovlen;
  }
  if (place->pieces == 1) {  // as good as a buffer, and cheaper
    struct user_iovec only;
    if (bpf_probe_read_user(&only, sizeof(only), place->vector)) return false;
    place->base = only.base;
    place->len = only.len;
    place->vector = 0;
  }
  return true;
}
