// Reads what selected processes send and receive through OpenSSL: the plaintext, where the library's own functions have
// it. User space attaches these programs process by process, so that others that use the same library pay nothing.
//
// The object shares its maps with capture.bpf.o, whose socket programs say which connection a call belongs to.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "kernel.h"
#include "payload.h"
#include "policy.h"
#include "selection.h"
#include "tls.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// What user space says of a site, in the cookie: the number of the attachment, what is called, which argument points to
// the number of bytes moved, and whether a result of 0 is the end of what the peer sends (else it may be any failure).
#define COOKIE_CALL(cookie) ((cookie) & 3)
#define COOKIE_MOVED(cookie) ((cookie) >> 2 & 3)
#define COOKIE_ENDS(cookie) ((cookie) >> 4 & 1)
#define COOKIE_ATTACHED(cookie) ((cookie) >> 32)
enum moved { RETURNED, ARGUMENT_4, ARGUMENT_5 };

// The number of the attachment: an address may be another library's after exec, or after a time without probes.
struct tls_session {
  __u64 ssl;
  __u32 tgid;
  __u32 attached;
};

struct tls_join {
  __u64 conn;
  __u64 direct;  // the library uses the socket itself: what the thread receives otherwise is not for this session
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct tls_session);
  __type(value, struct tls_join);
} tls_joins SEC(".maps");

// The policy of the plaintext is kept beside that of the connection.
#define PLAINTEXT (1ull << 63)

SEC("uprobe")
int tls_enter(struct pt_regs___x86 *regs) {
  __u64 ids = bpf_get_current_pid_tgid();
  if (!selected(ids >> 32)) return 0;
  struct tls_thread *t =
      bpf_task_storage_get(&tls_threads, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!t) return 0;
  __u64 cookie = bpf_get_attach_cookie(regs);
  t->ssl = regs->di;
  t->buffer = regs->si;
  __u64 fourth = regs->cx, fifth = regs->r8;
  asm volatile("" : "+r"(fourth), "+r"(fifth));  // or one load from a chosen address, which the verifier refuses
  __u64 moved = COOKIE_MOVED(cookie);
  t->moved = moved == ARGUMENT_4 ? fourth : moved == ARGUMENT_5 ? fifth : 0;
  t->start = bpf_ktime_get_ns();
  t->conn = 0;
  t->attached = COOKIE_ATTACHED(cookie);
  t->ends = COOKIE_ENDS(cookie);
  t->call = COOKIE_CALL(cookie);
  return 0;
}

static __always_inline struct connection *state_of(__u64 conn) {
  struct connection *known = bpf_map_lookup_elem(&tls_states, &conn);
  if (known) return known;
  struct connection fresh = {.id = conn | PLAINTEXT};
  bpf_map_update_elem(&tls_states, &conn, &fresh, BPF_NOEXIST);
  return bpf_map_lookup_elem(&tls_states, &conn);
}

// The socket that the call itself has used; else the one that was received from for it, unless the session is known to
// have another: only a handshake can begin a new connection.
static __always_inline struct tls_join evidence(struct tls_thread *t, __u8 call, const struct tls_join *known) {
  struct tls_join join = {.conn = t->conn, .direct = t->conn != 0};
  if (join.conn || call == TLS_WRITE) return join;
  if (!known || (t->greeting && !known->direct)) join.conn = t->received;
  t->received = 0;
  return join;
}

// The state of the connection that the call belongs to; 0 = none is known.
static __always_inline struct connection *join(struct tls_thread *t, __u8 call, __u32 tgid, __u64 *conn) {
  struct tls_session session = {.ssl = t->ssl, .tgid = tgid, .attached = t->attached};
  struct tls_join *known = bpf_map_lookup_elem(&tls_joins, &session);
  struct tls_join found = evidence(t, call, known);
  if (found.conn) {
    if (!known || known->conn != found.conn || known->direct != found.direct)
      bpf_map_update_elem(&tls_joins, &session, &found, BPF_ANY);
    *conn = found.conn;
    return state_of(found.conn);
  }
  if (!known) return 0;
  *conn = known->conn;
  struct connection *c = bpf_map_lookup_elem(&tls_states, conn);
  if (!c) bpf_map_delete_elem(&tls_joins, &session);  // it was closed
  return c;
}

static __always_inline void submit_buffer(struct telling *t, __u64 from) {
  __u32 whole = least(t->left, t->wanted);
  for (__u32 done = 0; done < WINDOW; done += PAYLOAD_MAX) {
    __u32 n = least(whole - done, PAYLOAD_MAX);
    bool last = n == whole - done;
    if (done) go_on(t);
    share(t, n, last);
    submit_part(number(t), from + done, n, t->cut);
    if (last) return;
  }
}

static __always_inline void tell(struct tls_thread *t, struct connection *c, struct header *h) {
  own_positions(h, c);
  enum policy policy = policy_of(c);
  if (policy == COUNT_ONLY) {
    count(C_COUNT_ONLY);
    return;
  }
  struct telling told = {.header = *h, .c = c, .end = h->dir == SEND ? h->tx : h->rx, .left = h->len};
  want(&told, policy);
  if (!h->len)
    submit_bare(&told, C_END);
  else if (policy == HEADER_ONLY)
    submit_bare(&told, C_HEADER_ONLY);
  else
    submit_buffer(&told, t->buffer);
}

// How many bytes the call has moved; 0 = none, or it failed.
static __always_inline __u32 moved_by(const struct tls_thread *t, int result) {
  if (result <= 0) return 0;
  if (!t->moved) return result;
  __u64 n = 0;
  bpf_probe_read_user(&n, sizeof(n), (const void *)t->moved);
  return n > (1u << 30) ? 0 : n;
}

SEC("uretprobe")
int tls_exit(struct pt_regs___x86 *regs) {
  __u64 ids = bpf_get_current_pid_tgid();
  __u32 tgid = ids >> 32;
  if (!selected(tgid)) return 0;
  struct tls_thread *t = bpf_task_storage_get(&tls_threads, bpf_get_current_task_btf(), 0, 0);
  if (!t) return 0;
  __u8 call = t->call;
  t->call = NO_CALL;
  int result = regs->ax;
  if (call == NO_CALL) {  // a session within another's call, or the call began before the probes
    if (result > 0) count(C_TLS_UNJOINED);
    return 0;
  }
  __u64 conn = 0;
  struct connection *c = join(t, call, tgid, &conn);
  if (call == TLS_HANDSHAKE) return 0;
  __u32 n = moved_by(t, result);
  bool end = call == TLS_READ && !result && t->ends;
  if (!n && !end) return 0;
  if (!c) {
    if (n) count(C_TLS_UNJOINED);
    return 0;
  }
  count(C_TLS);
  struct header h = {.conn = conn, .tid = ids, .len = n, .kind = n ? TLS_DATA : TLS_END};
  h.dir = call == TLS_WRITE ? SEND : RECV;
  h.ts = call == TLS_WRITE ? t->start : bpf_ktime_get_ns();
  tell(t, c, &h);
  return 0;
}
