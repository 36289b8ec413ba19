// A program to be observed: connects to a port of this machine and does what its second argument says. The system calls
// are those that a test means, one by one, which a client in another language does not promise.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static int connect_to(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  check(!connect(s, (struct sockaddr *)&to, sizeof(to)), "connect");
  return s;
}

static int connect_mapped(int port) {
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  unsigned char *a = to.sin6_addr.s6_addr;
  a[10] = a[11] = 0xff;
  a[12] = 127;
  a[15] = 1;
  int s = socket(AF_INET6, SOCK_STREAM, 0);
  check(!connect(s, (struct sockaddr *)&to, sizeof(to)), "connect");
  return s;
}

static void say(int s, const char *text) {
  check(write(s, text, strlen(text)) == (ssize_t)strlen(text), "write");
}

static void hear(int s, int n) {
  char b[100];
  check(recv(s, b, n, MSG_WAITALL) == n, "recv");
}

// Byte i of any long content.
static char pattern(int i) {
  return 'a' + (i + i / 26) % 26;
}

static char *patterned(int n) {
  char *b = malloc(n);
  for (int i = 0; i < n; i++) b[i] = pattern(i);
  return b;
}

// One call each: 40,000 bytes out, 3 times 5,000 bytes out, 40 pieces of 10 bytes out, 40,000 bytes in.
static void windows(int s) {
  char *b = patterned(40000);
  check(write(s, b, 40000) == 40000, "write");
  struct iovec large[3] = {{b, 5000}, {b + 5000, 5000}, {b + 10000, 5000}};
  check(writev(s, large, 3) == 15000, "writev");
  struct iovec many[40];
  for (int i = 0; i < 40; i++) many[i] = (struct iovec){b + 10 * i, 10};
  check(writev(s, many, 40) == 400, "writev");
  check(recv(s, b, 40000, MSG_WAITALL) == 40000, "recv");
}

// A buffer that the kernel does not fill must not be taken for what was received.
static void flags(int s) {
  char b[100] = "STALE-MARKER";
  struct iovec v = {b, 12};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  say(s, "?");
  check(recvmsg(s, &m, MSG_PEEK | MSG_WAITALL) == 12, "peek");
  memcpy(b, "STALE-MARKER", 12);
  check(recvmsg(s, &m, MSG_TRUNC) == 12, "trunc");
  hear(s, 4);
}

static void splice_out(int s) {
  int p[2];
  check(!pipe(p), "pipe");
  say(s, "?");
  for (int n = 12; n > 0;) {
    ssize_t k = splice(s, 0, p[1], 0, n, 0);
    check(k > 0, "splice");
    n -= k;
  }
  say(s, "!");
  hear(s, 4);
}

// The answer is received by the ring's work, which runs at the end of any system call: here of one that reads a file.
static void uring(int s, const char *name) {
  struct io_uring_params p = {.flags = IORING_SETUP_COOP_TASKRUN};
  int ring = syscall(__NR_io_uring_setup, 4, &p);
  check(ring >= 0, "io_uring_setup");
  size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe) + p.sq_off.array + p.sq_entries * 4;
  char *r = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe *e =
      mmap(0, p.sq_entries * sizeof(*e), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
  check(r != MAP_FAILED && e != MAP_FAILED && (p.features & IORING_FEAT_SINGLE_MMAP), "mmap");
  static char got[100], file[64];
  *e = (struct io_uring_sqe){.opcode = IORING_OP_RECV, .fd = s, .addr = (unsigned long)got, .len = 12};
  *(unsigned *)(r + p.sq_off.array) = 0;
  __atomic_store_n((unsigned *)(r + p.sq_off.tail), 1, __ATOMIC_RELEASE);
  check(syscall(__NR_io_uring_enter, ring, 1, 0, 0, 0, 0) == 1, "io_uring_enter");
  say(s, "?");
  int f = open(name, O_RDONLY);
  check(f >= 0, name);
  while (!__atomic_load_n((unsigned *)(r + p.cq_off.tail), __ATOMIC_ACQUIRE)) {
    ssize_t k = read(f, file, sizeof(file));
    check(k >= 0, "read");
    if (!k) lseek(f, 0, SEEK_SET);
  }
  check(((struct io_uring_cqe *)(r + p.cq_off.cqes))->res == 12, "received by the ring");
  say(s, "!");
  hear(s, 4);
}

static int shared;
static sem_t room;
static int exchanges;

static void *sender(void *unused) {
  char b[33];
  for (int i = 0; i < exchanges; i++) {
    sem_wait(&room);
    snprintf(b, sizeof(b), "%031d\n", i);
    check(write(shared, b, 32) == 32, "write");
  }
  return unused;
}

// One thread sends, another receives; at most 64 messages are under way.
static void threads(int s, int n) {
  pthread_t t;
  char b[33] = "", expected[33];
  shared = s;
  exchanges = n;
  sem_init(&room, 0, 64);
  check(!pthread_create(&t, 0, sender, 0), "pthread_create");
  for (int i = 0; i < n; i++) {
    check(recv(s, b, 32, MSG_WAITALL) == 32, "recv");
    snprintf(expected, sizeof(expected), "%031d\n", i);
    check(!memcmp(b, expected, 32), "the echo");
    sem_post(&room);
  }
  pthread_join(t, 0);
}

static void *survivor(void *leader) {
  pthread_join(*(pthread_t *)leader, 0);
  say(shared, "after the leader");
  pid_t child = fork();
  check(child >= 0, "fork");
  if (!child) {
    say(shared, ", from the child");
    _exit(0);
  }
  waitpid(child, 0, 0);
  exit(0);
}

// The leader of the thread group ends; the group goes on, and forks.
static void leader(int s) {
  static pthread_t self;
  pthread_t t;
  self = pthread_self();
  shared = s;
  check(!pthread_create(&t, 0, survivor, &self), "pthread_create");
  pthread_exit(0);
}

static void no_compat(int signal) {
  say(shared, "none");
  _exit(0);
}

// getpid by the 32-bit ABI has the number of writev, and arguments that it does not look at.
static void compat(int s) {
#ifdef __x86_64__
  static struct iovec v = {"FOREIGN-MARKER", 14};
  long pid;
  shared = s;
  signal(SIGSEGV, no_compat);  // what a kernel without that ABI answers
  asm volatile("int $0x80" : "=a"(pid) : "a"(20L), "D"((long)s), "S"(&v), "d"(1L) : "memory", "r8", "r9", "r10", "r11");
  check(pid == getpid(), "getpid");
#endif
  say(s, "seen");
}

int main(int argc, char **argv) {
  check(argc >= 3, "usage: client PORT MODE [ARGUMENT]");
  int port = atoi(argv[1]);
  const char *mode = argv[2];
  int s = strcmp(mode, "mapped") ? connect_to(port) : connect_mapped(port);
  if (!strcmp(mode, "windows")) windows(s);
  else if (!strcmp(mode, "mapped")) say(s, "seen");
  else if (!strcmp(mode, "flags")) flags(s);
  else if (!strcmp(mode, "splice")) splice_out(s);
  else if (!strcmp(mode, "uring")) uring(s, argv[3]);
  else if (!strcmp(mode, "threads")) threads(s, atoi(argv[3]));
  else if (!strcmp(mode, "leader")) leader(s);
  else if (!strcmp(mode, "compat")) compat(s);
  else check(0, mode);
  return 0;
}
