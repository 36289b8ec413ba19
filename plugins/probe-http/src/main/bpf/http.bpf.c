// Which bytes of a long call are HTTP/1 framing (RFC 9112): heads of messages and the lines before chunks. Bodies are
// passed over by their length. Only what is certain is left out: where a head is not understood, or too long, or a body's
// length does not tell where it ends, everything that follows is kept.
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "classifier.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// Longest head that is understood; a power of two.
#define HEAD_MAX 1024
// Before a chunk: the end of the one before, its size and the end of the line.
#define CHUNK_LINE_MAX 16
// Longer bodies are kept.
#define BODY_MAX (1u << 29)
// Most heads, bodies and chunks of one call.
#define ELEMENTS_MAX 14
// Pieces of a vector that are looked through.
#define PIECES_MAX 16

// What is at a position (framing). Of BODY the length stands above it.
enum what { MESSAGE = 1, CHUNK = 2, FURTHER_CHUNK = 3, BODY = 4 };
#define WHAT_BITS 3

// How a message's body is framed, as far as its head was read.
enum body { UNFRAMED, LENGTH, CHUNKED };

enum verdict { GO_ON, WHOLE_HEAD, NOT_UNDERSTOOD };

// What is looked at: of a thread.
struct look {
  __u64 at;     // offset in the call; beyond its end if a body goes on behind it
  __u32 what;   // enum what, and a body's length
  __u32 got;    // bytes that were read from there on
  __u32 line;   // offset of the line in progress
  __u32 head;   // length of the head
  __u32 body;   // enum body
  __u32 length; // of a body, or a chunk
  __u8 request;
  __u8 started;  // the start line was read
  // In memory, so that the verifier does not follow it through all rounds.
  volatile __u32 filled;
  volatile __u32 skip;
  __u8 bytes[2 * HEAD_MAX];
};

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct look);
} looks SEC(".maps");

// Bytes as a number in their order in memory.
#define WORD(a, b, c, d, e, f, g, h)                                                                              \
  ((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 | (__u64)(f) << 40 |   \
   (__u64)(g) << 48 | (__u64)(h) << 56)
#define LOWER 0x2020202020202020ull
#define FIRST(n) (~0ull >> (64 - 8 * (n)))

static __always_inline __u8 byte_at(const struct look *l, __u32 at) {
  return l->bytes[at & (HEAD_MAX - 1)];
}

static __always_inline __u64 word_at(const struct look *l, __u32 at) {
  return *(const __u64 *)(l->bytes + (at & (HEAD_MAX - 1)));
}

// Reads the bytes from where it stands on, as many as there are up to most.
__noinline int fill(struct look *l, const struct long_call *call, __u32 most) {
  if (!l || !call) return 0;
  __u64 left = call->header.len - l->at;
  __u32 want = left < most ? left : most;
  l->got = 0;
  if (!call->place.vector) {
    asm volatile("" : "+r"(want));
    if (want > HEAD_MAX) want = HEAD_MAX;
    if (!bpf_probe_read_user(l->bytes, want, call->place.base + l->at)) l->got = want;
    return 0;
  }
  l->filled = 0;
  l->skip = l->at;
  for (__u32 i = 0; i < PIECES_MAX && i < call->place.pieces; i++) {
    struct user_iovec piece;
    if (bpf_probe_read_user(&piece, sizeof(piece), call->place.vector + i)) break;
    __u32 over = l->skip;
    if (piece.len <= over) {
      l->skip = over - piece.len;
      continue;
    }
    l->skip = 0;
    __u64 rest = piece.len - over;
    __u32 at = l->filled;
    if (at >= want) break;
    __u32 n = rest < want - at ? rest : want - at;
    asm volatile("" : "+r"(n), "+r"(at));
    if (n > HEAD_MAX) n = HEAD_MAX;
    at &= HEAD_MAX - 1;
    if (bpf_probe_read_user(l->bytes + at, n, piece.base + over)) break;
    l->filled = at + n;
  }
  l->got = l->filled < want ? l->filled : want;
  return 0;
}

static __always_inline bool ends_with_version(const struct look *l, __u32 end) {
  return end >= 14 && word_at(l, end - 9) == WORD(' ', 'H', 'T', 'T', 'P', '/', '1', '.');
}

// A response that has a body by its status, or a request that is likely to have one.
static __always_inline bool start_line(struct look *l, __u32 end) {
  __u64 first = word_at(l, 0);
  if ((first & FIRST(7)) == WORD('H', 'T', 'T', 'P', '/', '1', '.', 0)) {
    if (byte_at(l, 8) != ' ' || byte_at(l, 9) < '2' || byte_at(l, 9) > '5') return false;
    __u64 status = word_at(l, 9) & FIRST(3);
    return status != WORD('2', '0', '4', 0, 0, 0, 0, 0) && status != WORD('3', '0', '4', 0, 0, 0, 0, 0);
  }
  l->request = 1;
  bool method = (first & FIRST(5)) == WORD('P', 'O', 'S', 'T', ' ', 0, 0, 0) ||
                (first & FIRST(4)) == WORD('P', 'U', 'T', ' ', 0, 0, 0, 0) ||
                (first & FIRST(6)) == WORD('P', 'A', 'T', 'C', 'H', ' ', 0, 0);
  return method && ends_with_version(l, end);
}

// Content-Length: digits alone.
static __always_inline bool content_length(struct look *l, __u32 from, __u32 end) {
  __u32 length = 0, digits = 0;
  if (l->body != UNFRAMED) return false;
  for (__u32 i = 0; i < 12; i++) {
    __u8 c = byte_at(l, from + i);
    if (from + i >= end) break;
    if (c == ' ' && !digits) continue;
    if (c < '0' || c > '9' || digits == 9) return false;
    length = length * 10 + c - '0';
    digits++;
  }
  if (!digits || length >= BODY_MAX) return false;
  l->length = length;
  l->body = LENGTH;
  return true;
}

// Transfer-Encoding: chunked alone.
static __always_inline bool transfer_encoding(struct look *l, __u32 from, __u32 end) {
  if (l->body != UNFRAMED) return false;
  if (byte_at(l, from) == ' ') from++;
  if (end - from != 7) return false;
  __u64 chunked = WORD('c', 'h', 'u', 'n', 'k', 'e', 'd', 0);
  if (((word_at(l, from) | LOWER) & FIRST(7)) != chunked) return false;
  l->body = CHUNKED;
  return true;
}

// A line that ends before the line feed at an offset.
__noinline int line(struct look *l, __u32 feed) {
  if (!l) return NOT_UNDERSTOOD;
  __u32 from = l->line, end = feed;
  l->line = feed + 1;
  if (end > from && byte_at(l, end - 1) == '\r') end--;
  if (!l->started) {
    l->started = 1;
    return start_line(l, end) ? GO_ON : NOT_UNDERSTOOD;
  }
  if (end == from) {
    l->head = feed + 1;
    return WHOLE_HEAD;
  }
  __u64 a = word_at(l, from), b = word_at(l, from + 8) | LOWER;
  if ((a & 0xff) == ' ' || (a & 0xff) == '\t') return NOT_UNDERSTOOD;  // goes on with the line before
  a |= LOWER;
  bool known = true;
  if (a == WORD('c', 'o', 'n', 't', 'e', 'n', 't', '-') && (b & FIRST(7)) == WORD('l', 'e', 'n', 'g', 't', 'h', ':', 0))
    known = content_length(l, from + 15, end);
  else if (a == WORD('t', 'r', 'a', 'n', 's', 'f', 'e', 'r') && b == WORD('-', 'e', 'n', 'c', 'o', 'd', 'i', 'n'))
    known = byte_at(l, from + 17) == ':' && transfer_encoding(l, from + 18, end);
  return known ? GO_ON : NOT_UNDERSTOOD;
}

// Whether any of the bytes is a line feed.
static __always_inline bool has_feed(__u64 word) {
  __u64 x = word ^ 0x0a0a0a0a0a0a0a0aull;
  return (x - 0x0101010101010101ull) & ~x & 0x8080808080808080ull;
}

// Reads a head; not understood if it is not whole.
__noinline int head(struct look *l) {
  if (!l) return NOT_UNDERSTOOD;
  l->line = l->head = l->length = 0;
  l->body = UNFRAMED;
  l->request = l->started = 0;
  for (__u32 i = 0; i < HEAD_MAX / 8; i++) {
    if (8 * i >= l->got) return NOT_UNDERSTOOD;
    if (!has_feed(word_at(l, 8 * i))) continue;
    for (__u32 j = 0; j < 8; j++) {
      __u32 at = 8 * i + j;
      if (at >= l->got) return NOT_UNDERSTOOD;
      if (byte_at(l, at) != '\n') continue;
      int verdict = line(l, at);
      if (verdict != GO_ON) return verdict;
    }
  }
  return NOT_UNDERSTOOD;
}

static __always_inline bool keep(struct long_call *call, __u32 from, __u32 to) {
  __u32 n = call->ranges;
  if (n && call->keep[(n - 1) & (RANGES - 1)].to == from) {
    call->keep[(n - 1) & (RANGES - 1)].to = to;
    return true;
  }
  if (n >= RANGES_MAX) return false;
  call->keep[n & (RANGES - 1)] = (struct range){from, to};
  call->ranges = n + 1;
  return true;
}

// A head, and where its body ends or its chunks begin.
static __always_inline bool message(struct look *l, struct long_call *call) {
  fill(l, call, HEAD_MAX);
  if (head(l) != WHOLE_HEAD || l->body == UNFRAMED) return false;
  __u32 from = l->at;
  l->at += l->head;
  if (l->body == CHUNKED) {
    l->what = CHUNK;
  } else if (l->request) {
    l->at += l->length;
    l->what = MESSAGE;
  } else {
    l->what = BODY | l->length << WHAT_BITS;
  }
  return keep(call, from, from + l->head);
}

// A response's body, unless another response begins: the answer to HEAD has a length and no body.
static __always_inline bool body(struct look *l, struct long_call *call) {
  __u32 length = l->what >> WHAT_BITS;
  fill(l, call, 8);
  if (length && l->got < 7) return false;
  if (length && (word_at(l, 0) & FIRST(7)) != WORD('H', 'T', 'T', 'P', '/', '1', '.', 0)) l->at += length;
  l->what = MESSAGE;
  return true;
}

static __always_inline int hex(__u8 c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The line before a chunk; the last one has no size and is not understood, nor are extensions.
static __always_inline bool chunk(struct look *l, struct long_call *call) {
  fill(l, call, CHUNK_LINE_MAX);
  __u32 at = 0, size = 0, digits = 0;
  if (l->what == FURTHER_CHUNK) {
    if (byte_at(l, 0) != '\r' || byte_at(l, 1) != '\n') return false;
    at = 2;
  }
  for (__u32 i = 0; i < 8; i++) {
    int digit = hex(byte_at(l, at));
    if (digit < 0) break;
    size = size << 4 | digit;
    digits++;
    at++;
  }
  if (!digits || digits == 8 || !size || at + 2 > l->got) return false;
  if (byte_at(l, at) != '\r' || byte_at(l, at + 1) != '\n') return false;
  __u32 from = l->at;
  l->at += at + 2 + size;
  l->what = FURTHER_CHUNK;
  return keep(call, from, from + at + 2);
}

// The next head, body or chunk; false if there is none, or it is not known what follows.
__noinline int element(struct look *l, struct long_call *call) {
  if (!l || !call) return 0;
  if (l->at >= call->header.len) {
    call->framing = framing_of(start_of(&call->header) + l->at, l->what);
    return 0;
  }
  __u32 from = l->at, what = l->what & ((1 << WHAT_BITS) - 1);
  if (what == MESSAGE ? message(l, call) : what == BODY ? body(l, call) : chunk(l, call)) return 1;
  keep(call, from, call->header.len);
  return 0;
}

static __always_inline void frame(struct look *l, struct long_call *call) {
  l->at = 0;
  l->what = MESSAGE;
  if (call->framing) {
    __u32 ahead = next_of(call->framing) - start_of(&call->header);
    if (ahead < BODY_MAX) {  // else it is behind
      l->at = ahead;
      l->what = what_of(call->framing);
    }
  }
  call->framing = 0;
  call->ranges = 0;
  call->answered = 1;
  for (__u32 i = 0; i < ELEMENTS_MAX; i++) {
    if (!element(l, call)) return;
  }
  if (l->at < call->header.len) keep(call, l->at, call->header.len);
  else call->framing = framing_of(start_of(&call->header) + l->at, l->what);
}

SEC("tp_btf")
int classify(void *context) {
  struct long_call *call = long_call();
  struct look *l = bpf_task_storage_get(&looks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (call && l) frame(l, call);
  return tell_call(context);
}
