// The ring to user space. The reader is woken only when much has gathered; otherwise it looks by itself every few tens
// of milliseconds, because a wakeup costs more than everything else here.
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "knobs.h"
#include "record.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 16 << 20);  // set by user space
} ring SEC(".maps");

// A reader that does not come is called again only with each further share of the ring: to call it with every record
// would make every call of the observed processes several times slower just when there is most to do.
#define WAKEUP_WINDOW (2 * PAYLOAD_MAX)

static __always_inline __u64 wakeup(void) {
  __u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
  bool call = waiting >= knobs.wakeup_bytes && (waiting & (knobs.wakeup_bytes - 1)) < WAKEUP_WINDOW;
  return call ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}
