// A client of one server on loopback: load PORT CONNECTIONS DEPTH RATE MILLISECONDS CPU REQUEST
//
// Each connection sends REQUEST DEPTH times, reads all answers, and begins again. RATE is requests a second over all
// connections, 0 = as many as the server answers. All answers must be as long as the first, which is taken to be
// complete when nothing more comes. Ends when all that was sent is answered; prints requests answered, nanoseconds, and
// bytes that the kernel keeps beside the sockets, such as what programs store with them.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUIET_MS 200
#define PATIENCE_MS 60000
#define EVENTS 256

struct connection {
  int fd;
  size_t missing;  // bytes of answers
};

static struct connection *connections;
static int count;
static int *idle;  // in the order in which they became so
static uint64_t idle_from, idle_to;
static int poller;
static char *batch;
static size_t batch_size, answers_size;

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
  exit(1);
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int dial(int port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (void *)&address, sizeof(address))) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  return fd;
}

// How long the answer to one request is.
static size_t answer_size(int port, const char *request) {
  static char buffer[1 << 16];
  int fd = dial(port);
  struct timeval quiet = {.tv_usec = QUIET_MS * 1000};
  size_t size = 0;
  if (write(fd, request, strlen(request)) != (ssize_t)strlen(request)) fail("write");
  for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0; size += n) {
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &quiet, sizeof(quiet));
  }
  close(fd);
  errno = 0;
  if (!size) fail("no answer");
  return size;
}

static void prepare(int port, int depth, const char *request) {
  size_t one = strlen(request);
  answers_size = answer_size(port, request) * depth;
  batch_size = one * depth;
  batch = malloc(batch_size);
  for (int i = 0; i < depth; i++) memcpy(batch + i * one, request, one);
  connections = calloc(count, sizeof(*connections));
  idle = calloc(count, sizeof(*idle));
  poller = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    connections[i].fd = dial(port);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, connections[i].fd, &event)) fail("epoll_ctl");
    idle[idle_to++] = i;
  }
}

static void ask(void) {
  struct connection *c = connections + idle[idle_from++ % count];
  if (write(c->fd, batch, batch_size) != (ssize_t)batch_size) fail("write");
  c->missing = answers_size;
}

// Reads what has come; 1 if that was the last of the answers.
static int answered(int i) {
  static char buffer[1 << 16];
  struct connection *c = connections + i;
  ssize_t n = recv(c->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return 0;
  if (n <= 0 || (size_t)n > c->missing) fail("read");
  c->missing -= n;
  if (c->missing) return 0;
  idle[idle_to++ % count] = i;
  return 1;
}

static int await(int milliseconds) {
  struct epoll_event events[EVENTS];
  int n = epoll_wait(poller, events, EVENTS, milliseconds), done = 0;
  for (int i = 0; i < n; i++) done += answered(events[i].data.u32);
  return done;
}

static uint64_t kept_beside(void) {
  uint64_t sum = 0;
  for (int i = 0; i < count; i++) {
    uint32_t info[SK_MEMINFO_VARS];
    socklen_t size = sizeof(info);
    if (getsockopt(connections[i].fd, SOL_SOCKET, SO_MEMINFO, info, &size)) fail("SO_MEMINFO");
    sum += info[SK_MEMINFO_OPTMEM];
  }
  return sum;
}

int main(int argc, char **argv) {
  if (argc != 8) return fprintf(stderr, "usage: load PORT CONNECTIONS DEPTH RATE MILLISECONDS CPU REQUEST\n"), 2;
  int depth = atoi(argv[3]);
  count = atoi(argv[2]);
  double batches_per_ns = atof(argv[4]) / depth / 1e9;
  uint64_t length = atoll(argv[5]) * 1000000ull;
  cpu_set_t cpu;
  CPU_ZERO(&cpu);
  CPU_SET(atoi(argv[6]), &cpu);
  sched_setaffinity(0, sizeof(cpu), &cpu);
  struct rlimit files = {count + 100, count + 100};
  if (setrlimit(RLIMIT_NOFILE, &files)) fail("setrlimit");
  prepare(atoi(argv[1]), depth, argv[7]);

  uint64_t start = now(), sent = 0, done = 0, last = start;
  while (1) {
    uint64_t t = now() - start;
    uint64_t due = t >= length ? 0 : batches_per_ns ? t * batches_per_ns : UINT64_MAX;
    for (; idle_from < idle_to && sent < due; sent++) ask();
    if (t >= length && done == sent) break;
    int more = await(1);
    done += more;
    if (more) last = now();
    errno = 0;
    if (done < sent && now() - last > PATIENCE_MS * 1000000ull) fail("no answer");
  }
  unsigned long long took = now() - start;
  printf("%llu %llu %llu\n", (unsigned long long)done * depth, took, (unsigned long long)kept_beside());
  return 0;
}
