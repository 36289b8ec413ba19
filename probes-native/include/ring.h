// The ring to user space. The reader is woken only when much has gathered; otherwise it looks by itself every few tens
// of milliseconds, because a wakeup costs more than everything else here.
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "knobs.h"
#include "record.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 << 20);  // set by user space
} ring SEC(".maps");

static __always_inline __u64 wakeup(void) {
  return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= knobs.wakeup_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}
