// Which processes are observed: one bit for each thread group id of the initial pid namespace. The map starts empty and
// an empty map selects nothing; no number means "all". User space writes the bits through a shared mapping.
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "kernel.h"
#include "knobs.h"

// PID_MAX_LIMIT of 64-bit kernels.
#define TGIDS (1u << 22)

struct tgid_bits {
  __u64 word[TGIDS / 64];
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct tgid_bits);
} selection SEC(".maps");

static __always_inline __u64 *selection_word(__u32 tgid) {
  __u32 zero = 0;
  struct tgid_bits *bits = bpf_map_lookup_elem(&selection, &zero);
  // Hide what the compiler knows about tgid, or it moves the bound where the verifier cannot relate it to the index.
  asm volatile("" : "+r"(tgid));
  if (!bits || tgid >= TGIDS || tgid == knobs.self) return 0;
  return &bits->word[tgid >> 6];
}

static __always_inline __u64 selection_bit(__u32 tgid) {
  return 1ull << (tgid & 63);
}

static __always_inline bool selected(__u32 tgid) {
  __u64 *word = selection_word(tgid);
  return word && (*word & selection_bit(tgid));
}

static __always_inline void select_tgid(__u32 tgid) {
  __u64 *word = selection_word(tgid);
  if (word) __sync_fetch_and_or(word, selection_bit(tgid));
}

static __always_inline void deselect_tgid(__u32 tgid) {
  __u64 *word = selection_word(tgid);
  if (word) __sync_fetch_and_and(word, ~selection_bit(tgid));
}
