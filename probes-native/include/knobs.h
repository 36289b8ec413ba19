// Constants that user space sets before the programs are loaded: one structure, so that offsets do not move.
#pragma once
#include <stdbool.h>
#include <linux/types.h>

struct knobs {
  __u32 self;          // thread group of the collector: never observed
  __u32 wakeup_bytes;  // wake the reader when so many bytes wait in the ring; a power of two
  __u64 first_id;      // of connections that have no socket cookie
  __u32 casts;         // the kernel has bpf_rdonly_cast
};

const volatile struct knobs knobs = {.self = 0, .wakeup_bytes = 64 * 1024, .first_id = 1, .casts = 0};
