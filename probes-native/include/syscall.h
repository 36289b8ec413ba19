// The system call that is running: its number, its arguments, and where its buffer is.
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel.h"
#include "knobs.h"
#include "place.h"
#include "record.h"

struct call {
  __u64 number;
  __u64 arg[4];
};

static __always_inline bool is_x86(void) {
  return bpf_core_field_exists(struct pt_regs___x86, orig_ax);
}

static __always_inline struct call call_of(void *regs) {
  struct call call = {};
  if (is_x86()) {
    struct pt_regs___x86 *x86 = regs;
    call.number = x86->orig_ax;
    call.arg[0] = x86->di;
    call.arg[1] = x86->si;
    call.arg[2] = x86->dx;
    call.arg[3] = x86->r10;
  } else {
    struct pt_regs___arm64 *arm = regs;
    call.number = arm->syscallno;
    call.arg[0] = arm->orig_x0;  // at the end of a call regs[0] is its result
    call.arg[1] = arm->regs[1];
    call.arg[2] = arm->regs[2];
    call.arg[3] = arm->regs[3];
  }
  return call;
}

// A task of the 32-bit ABI numbers its calls otherwise.
static __always_inline bool is_compat(struct task_struct *task) {
  if (is_x86()) return ((struct task_struct___x86 *)task)->thread_info.status & TS_COMPAT;
  return task->thread_info.flags & TIF_32BIT;
}

// Gives an address the type of a number in the kernel's BTF, so that it is read without a helper: what is at a wrong
// address is 0. Linux 6.2.
extern void *bpf_rdonly_cast(const void *address, __u32 type) __ksym __weak;

static __always_inline struct file *file_at(struct file **at) {
  if (knobs.casts) {
    struct hlist_head *slot = bpf_rdonly_cast(at, bpf_core_type_id_kernel(struct hlist_head));
    return (void *)slot->first;
  }
  struct file *file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), at);
  return file;
}

// The open file behind a descriptor of the task; 0 = none.
static __always_inline struct file *file_of(struct task_struct *task, __u32 fd) {
  struct files_struct *files = task->files;
  if (!files) return 0;
  struct fdtable *table = files->fdt;
  if (!table || fd >= table->max_fds) return 0;
  return file_at(table->fd + fd);
}

// True if the descriptor that the running call names is this socket. It is not when the bytes were moved by something
// that merely runs inside this call (io_uring work, a socket of the kernel): then the call's buffer is another's.
static __always_inline bool names_socket(const struct call *call, struct task_struct *task, struct sock *sk) {
  struct socket *socket = sk->sk_socket;
  if (!socket) return false;
  struct file *file = file_of(task, call->arg[0]);
  return file && file == socket->file;
}

// How arguments 1 and 2 say where the bytes are. SENDFILE and SPLICE move bytes that are in no buffer of the caller's.
enum shape { UNKNOWN, BUFFER, VECTOR, MESSAGE, SENDFILE, SPLICE };

struct method {
  enum shape shape;
  enum direction dir;  // of SPLICE: the descriptors tell
};

// A call that is not in the table is UNKNOWN: never guess a pointer.
static __always_inline struct method method_x86(__u64 number) {
  switch (number) {
    case 0:   // read
    case 45:  // recvfrom
      return (struct method){BUFFER, RECV};
    case 1:   // write
    case 44:  // sendto
      return (struct method){BUFFER, SEND};
    case 19:  // readv
      return (struct method){VECTOR, RECV};
    case 20:  // writev
      return (struct method){VECTOR, SEND};
    case 47:  // recvmsg
      return (struct method){MESSAGE, RECV};
    case 46:  // sendmsg
      return (struct method){MESSAGE, SEND};
    case 40:  // sendfile
      return (struct method){SENDFILE, SEND};
    case 275:  // splice
      return (struct method){SPLICE, SEND};
    default:
      return (struct method){UNKNOWN, RECV};
  }
}

static __always_inline struct method method_arm64(__u64 number) {
  switch (number) {
    case 63:   // read
    case 207:  // recvfrom
      return (struct method){BUFFER, RECV};
    case 64:   // write
    case 206:  // sendto
      return (struct method){BUFFER, SEND};
    case 65:  // readv
      return (struct method){VECTOR, RECV};
    case 66:  // writev
      return (struct method){VECTOR, SEND};
    case 212:  // recvmsg
      return (struct method){MESSAGE, RECV};
    case 211:  // sendmsg
      return (struct method){MESSAGE, SEND};
    case 71:  // sendfile
      return (struct method){SENDFILE, SEND};
    case 76:  // splice
      return (struct method){SPLICE, SEND};
    default:
      return (struct method){UNKNOWN, RECV};
  }
}

static __always_inline struct method method_of(const struct call *call) {
  return is_x86() ? method_x86(call->number) : method_arm64(call->number);
}

// False if the call's buffer is unknown.
static __always_inline bool place_of(const struct call *call, enum shape shape, struct place *place) {
  if (shape == BUFFER) {
    place->base = (const void *)call->arg[1];
    place->len = call->arg[2];
    return true;
  }
  if (shape != VECTOR && shape != MESSAGE) return false;
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
