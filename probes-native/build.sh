#!/bin/sh
# Builds capture.bpf.o and tls.bpf.o into the directory given. One object serves every kernel with BTF, x86-64 and arm64.
set -eu
out=${1:?usage: build.sh DIRECTORY}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")"

fail() {
  echo "probes-native: $1" >&2
  exit 1
}

clang=${CLANG:-clang-16}
command -v "$clang" >/dev/null || fail "$clang not found: apt-get install clang-16"
multiarch=/usr/include/$(uname -m)-linux-gnu
[ -e /usr/include/bpf/bpf_helpers.h ] || fail "bpf/bpf_helpers.h not found: apt-get install libbpf-dev"
[ -e "$multiarch/asm/types.h" ] || fail "asm/types.h not found: apt-get install linux-libc-dev"

# Debug information is for the compiler only; the loader needs the BTF, which stays.
strip=$(command -v "${LLVM_STRIP:-llvm-strip-16}" || true)
for object in capture tls; do
  "$clang" -g -O2 -mcpu=v3 -target bpf -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-declarations \
    -ffile-prefix-map="$PWD"=. -Iinclude -idirafter "$multiarch" -c "$object.bpf.c" -o "$out/$object.bpf.o"
  [ -z "$strip" ] || "$strip" -g "$out/$object.bpf.o"
done
