// A classifier that says what makes no sense: parts that overlap, go backwards, are behind the end, and too many of them.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "classifier.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf")
int classify(void *context) {
  struct long_call *call = long_call();
  if (!call) return 0;
  call->answered = 1;
  call->ranges = 100;
  call->framing = ~0ull;
  call->keep[0] = (struct range){100, 300};
  call->keep[1] = (struct range){200, 5000};
  call->keep[2] = (struct range){50, 20};
  for (__u32 i = 3; i < RANGES; i++) call->keep[i] = (struct range){7000 + i, ~0u - i};
  return tell_call(context);
}
