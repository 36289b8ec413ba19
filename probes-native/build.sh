#!/bin/sh
# Builds capture.bpf.o and tls.bpf.o, or the sources given, into the directory given. One object serves every kernel with
# BTF, x86-64 and arm64.
set -eu
fail() {
  echo "probes-native: $1" >&2
  exit 1
}

[ $# -gt 0 ] || fail "usage: build.sh DIRECTORY [SOURCE...]"
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- "$here/capture.bpf.c" "$here/tls.bpf.c"

clang=${CLANG:-clang-16}
command -v "$clang" >/dev/null || fail "$clang not found: apt-get install clang-16"
multiarch=/usr/include/$(uname -m)-linux-gnu
[ -e /usr/include/bpf/bpf_helpers.h ] || fail "bpf/bpf_helpers.h not found: apt-get install libbpf-dev"
[ -e "$multiarch/asm/types.h" ] || fail "asm/types.h not found: apt-get install linux-libc-dev"

# Debug information is for the compiler only; the loader needs the BTF, which stays.
strip=$(command -v "${LLVM_STRIP:-llvm-strip-16}" || true)
for source; do
  folder=$(cd "$(dirname "$source")" && pwd)
  object=$(basename "$source" .c).o
  (cd "$folder" && "$clang" -g -O2 -mcpu=v3 -target bpf -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter \
    -Wno-missing-declarations -ffile-prefix-map="$folder"=. -ffile-prefix-map="$here"=. -I"$here/include" \
    -idirafter "$multiarch" -c "$(basename "$source")" -o "$out/$object")
  [ -z "$strip" ] || "$strip" -g "$out/$object"
done
