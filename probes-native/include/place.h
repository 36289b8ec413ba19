// Where the bytes of a call are.
#pragma once
#include <linux/types.h>

// User-space ABI.
struct user_iovec {
  void *base;
  unsigned long len;
};

// One piece of user memory, or a vector of pieces.
struct place {
  const void *base;
  __u64 len;
  const struct user_iovec *vector;  // used if not 0
  __u64 pieces;
};
