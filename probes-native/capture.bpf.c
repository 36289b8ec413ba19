// Sees what selected processes send and receive on sockets, and hands it to user space in the order of each connection.
// Nothing is changed, and nothing of a process that is not selected leaves the kernel.
//
// Two front ends fill the same records; user space loads one of them. The programs below serve both.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "front_socket.h"
#include "front_syscall.h"
#include "kernel.h"
#include "selection.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

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
