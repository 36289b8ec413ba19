// A classifier that does not give calls back.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "classifier.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf")
int classify(void *context) {
  return 0;
}
