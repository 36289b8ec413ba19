// What the capture programs add to an operation: overhead OBJECT CLASSIFIER HOOK CPU PAIRS BYTES RING_KIB
//
// Messages are HTTP/1 requests with a body, which CLASSIFIER knows.
// Loads capture.bpf.o and times each operation by the processor's time stamp counter with the programs attached and
// detached in turn. The figure of a phase is the 10th percentile of its operations, which others on the machine hardly
// move; that of a case is the difference of the lower quartiles of the attached and the detached phases. Prints a line
// NAME OFF ON PER_EVENT for each case, in nanoseconds; and last how many records came and how many found no room.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 6000
#define WARM_UP 100
#define MAX_PAIRS 99
#define MAX_PROGRAMS 16
#define MAX_BYTES 65536
#define SYSCALLS 16     // of one sample of the foreign loop
#define EVENTS 4        // of one exchange: two sends and two receives
#define HEAD 42         // bytes before a body
#define MAX_NUMBERS 64  // of connections without a cookie

// probes-native/include/policy.h
enum policy { FULL, HEADS_OF_CLIENT, HEADS_OF_SERVER, HEADER_ONLY, COUNT_ONLY, CLASSIFIED = 1 << 8 };

// probes-native/include/knobs.h
struct knobs {
  uint32_t self, wakeup_bytes;
  uint64_t first_id;
  uint32_t casts;
};

static struct bpf_object *object;
static struct bpf_link *links[MAX_PROGRAMS];
static int linked;
static int ends[2];
static char message[MAX_BYTES];
static size_t bytes;
static size_t ring;
static uint64_t *consumer, *producer;  // positions
static char *records;
static double cycles_per_ns;

static void fail(const char *what) {
  fprintf(stderr, "overhead: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments) {
  return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static uint64_t cycles(void) {
#ifdef __x86_64__
  uint32_t low, high;
  __asm__ volatile("rdtscp" : "=a"(low), "=d"(high) : : "ecx", "memory");
  return (uint64_t)high << 32 | low;
#else
  uint64_t count;
  __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(count) : : "memory");
  return count;
#endif
}

static void calibrate(void) {
  uint64_t ns = now_ns(), from = cycles();
  while (now_ns() - ns < 200000000) {}
  cycles_per_ns = (double)(cycles() - from) / (now_ns() - ns);
}

static void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof(set), &set)) fail("sched_setaffinity");
}

static int map_fd(const char *name) {
  struct bpf_map *map = bpf_object__find_map_by_name(object, name);
  return map ? bpf_map__fd(map) : -1;
}

static bool belongs(const char *program, bool sock) {
  if (!strcmp(program, "process_fork") || !strcmp(program, "process_exit")) return true;
  bool other = !strcmp(program, "call_end") || !strcmp(program, "call_tell") || !strcmp(program, "tracked_close");
  return other != sock;
}

static void load(const char *path, bool sock) {
  libbpf_set_print(quiet);
  object = bpf_object__open_file(path, NULL);
  if (!object) fail(path);
  struct bpf_program *p;
  bpf_object__for_each_program(p, object) {
    if (!belongs(bpf_program__name(p), sock)) bpf_program__set_autoload(p, false);
  }
  bpf_map__set_autocreate(bpf_object__find_map_by_name(object, sock ? "tracked_sockets" : "connections"), false);
  bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "ring"), ring);
  size_t size;
  struct knobs *knobs = (void *)bpf_map__initial_value(bpf_object__find_map_by_name(object, ".rodata"), &size);
  knobs->casts = libbpf_find_vmlinux_btf_id("bpf_rdonly_cast", BPF_TRACE_FENTRY) > 0;
  if (bpf_object__load(object)) fail("load");
  uint32_t tell = 0;
  int fd = bpf_program__fd(bpf_object__find_program_by_name(object, sock ? "socket_tell" : "call_tell"));
  if (bpf_map_update_elem(map_fd("stages"), &tell, &fd, BPF_ANY)) fail("stages");
}

// Others are only called by these.
static bool attaches(const struct bpf_program *p) {
  const char *name = bpf_program__name(p);
  return bpf_program__autoload(p) && strcmp(name, "socket_tell") && strcmp(name, "call_tell");
}

static void share(struct bpf_object *classifier, const char *map) {
  if (bpf_map__reuse_fd(bpf_object__find_map_by_name(classifier, map), map_fd(map))) fail(map);
}

static void load_classifier(const char *path, bool sock) {
  struct bpf_object *classifier = bpf_object__open_file(path, NULL);
  if (!classifier) fail(path);
  share(classifier, "long_calls");
  share(classifier, "stages");
  struct bpf_program *p = bpf_object__find_program_by_name(classifier, "classify");
  bpf_program__set_attach_target(p, 0, sock ? "sock_send_length" : "sys_exit");
  if (bpf_object__load(classifier)) fail("load");
  uint32_t stage = CLASSIFIED >> 8;
  int fd = bpf_program__fd(p);
  if (bpf_map_update_elem(map_fd("stages"), &stage, &fd, BPF_ANY)) fail("stages");
}

static void attach(void) {
  struct bpf_program *p;
  bpf_object__for_each_program(p, object) {
    if (!attaches(p)) continue;
    links[linked] = bpf_program__attach(p);
    if (!links[linked++]) fail(bpf_program__name(p));
  }
}

static void detach(void) {
  while (linked) bpf_link__destroy(links[--linked]);
}

static void *mapping(int fd, size_t size, int protection, off_t at) {
  void *memory = mmap(NULL, size, protection, MAP_SHARED, fd, at);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

static void select_self(bool on) {
  static uint64_t *words;
  if (!words) words = mapping(map_fd("selection"), 1 << 19, PROT_READ | PROT_WRITE, 0);
  uint64_t bit = 1ull << (getpid() & 63);
  if (on)
    __atomic_fetch_or(words + (getpid() >> 6), bit, __ATOMIC_SEQ_CST);
  else
    __atomic_fetch_and(words + (getpid() >> 6), ~bit, __ATOMIC_SEQ_CST);
}

static void want(uint32_t policy) {
  static uint32_t generation;
  uint32_t zero = 0;
  for (int i = 0; i < 2; i++) {
    uint64_t cookie;
    socklen_t size = sizeof(cookie);
    if (getsockopt(ends[i], SOL_SOCKET, SO_COOKIE, &cookie, &size)) fail("SO_COOKIE");
    if (bpf_map_update_elem(map_fd("policies"), &cookie, &policy, BPF_ANY)) fail("policies");
  }
  for (uint64_t number = 1; number <= MAX_NUMBERS; number++) {
    if (bpf_map_update_elem(map_fd("policies"), &number, &policy, BPF_ANY)) fail("policies");
  }
  generation++;
  if (bpf_map_update_elem(map_fd("policy_generation"), &zero, &generation, BPF_ANY)) fail("policy_generation");
}

static void map_ring(void) {
  long page = sysconf(_SC_PAGESIZE);
  consumer = mapping(map_fd("ring"), page, PROT_READ | PROT_WRITE, 0);
  producer = mapping(map_fd("ring"), page + 2 * ring, PROT_READ, page);
  records = (char *)producer + page;
}

// Reads the records as user space does, on the other processors.
static void *drain(void *unused) {
  uint64_t at = 0;
  volatile char seen = 0;
  while (1) {
    uint64_t end = __atomic_load_n(producer, __ATOMIC_ACQUIRE);
    while (at < end) {
      char *record = records + (at & (ring - 1));
      uint32_t length = __atomic_load_n((uint32_t *)record, __ATOMIC_ACQUIRE);
      if (length & 1u << 31) break;
      length &= (1u << 30) - 1;
      for (uint32_t i = 0; i < length; i += 64) seen += record[i];
      at += (length + 8 + 7) & ~7ull;
    }
    __atomic_store_n(consumer, at, __ATOMIC_RELEASE);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  return unused;
}

// Without room a record costs less: then the next operation waits.
static void wait_for_room(void) {
  while (*producer - __atomic_load_n(consumer, __ATOMIC_ACQUIRE) > ring / 2) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
}

static void drain_beside(int cpu) {
  cpu_set_t others;
  CPU_ZERO(&others);
  for (long i = 0; i < sysconf(_SC_NPROCESSORS_ONLN); i++) {
    if (i != cpu) CPU_SET(i, &others);
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, drain, NULL)) fail("pthread_create");
  if (CPU_COUNT(&others)) pthread_setaffinity_np(thread, sizeof(others), &others);
}

static void connect_ends(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof(address);
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (void *)&address, size) || listen(listener, 1)) fail("listen");
  getsockname(listener, (void *)&address, &size);
  ends[0] = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(ends[0], (void *)&address, size)) fail("connect");
  ends[1] = accept(listener, NULL, NULL);
  for (int i = 0; i < 2; i++) setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  close(listener);
}

static void pass(int from, int to) {
  if (write(from, message, bytes) != (ssize_t)bytes) fail("write");
  for (size_t got = 0; got < bytes;) {
    ssize_t n = read(to, message, bytes - got);
    if (n <= 0) fail("read");
    got += n;
  }
}

static void exchange(void) {
  pass(ends[0], ends[1]);
  pass(ends[1], ends[0]);
}

static void system_calls(void) {
  for (int i = 0; i < SYSCALLS; i++) syscall(SYS_getppid);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(double *values, int n, double share) {
  qsort(values, n, sizeof(*values), ascending);
  return values[(int)(n * share)];
}

static double phase(void (*operation)(void)) {
  static double samples[SAMPLES];
  for (int i = 0; i < WARM_UP; i++) operation();
  for (int i = 0; i < SAMPLES; i++) {
    wait_for_room();
    uint64_t from = cycles();
    operation();
    samples[i] = (cycles() - from) / cycles_per_ns;
  }
  return quantile(samples, SAMPLES, 0.1);
}

static double attached(void (*operation)(void)) {
  attach();
  double ns = phase(operation);
  detach();
  return ns;
}

static void measure(const char *name, void (*operation)(void), int events, int pairs) {
  double off[MAX_PAIRS], on[MAX_PAIRS];
  for (int i = 0; i < pairs; i++) {
    if (i % 2) on[i] = attached(operation);
    off[i] = phase(operation);
    if (i % 2 == 0) on[i] = attached(operation);
  }
  double without = quantile(off, pairs, 0.25), with = quantile(on, pairs, 0.25);
  printf("%s %.1f %.1f %.1f\n", name, without, with, (with - without) / events);
  fflush(stdout);
}

static uint64_t counted(int which) {
  int cpus = libbpf_num_possible_cpus(), fd = map_fd("counters");
  uint32_t zero = 0;
  struct bpf_map *map = bpf_object__find_map_by_name(object, "counters");
  size_t each = bpf_map__value_size(map) / sizeof(uint64_t);
  uint64_t *values = calloc(cpus * each, sizeof(uint64_t)), sum = 0;
  if (bpf_map_lookup_elem(fd, &zero, values)) fail("counters");
  for (int i = 0; i < cpus; i++) sum += values[i * each + which];
  free(values);
  return sum;
}

int main(int argc, char **argv) {
  if (argc != 8) return fprintf(stderr, "usage: overhead OBJECT CLASSIFIER sock|sys_exit CPU PAIRS BYTES RING_KIB\n"), 2;
  bool sock = !strcmp(argv[3], "sock");
  int pairs = atoi(argv[5]);
  bytes = atoi(argv[6]);
  ring = (size_t)atoi(argv[7]) << 10;
  if (pairs < 1 || pairs > MAX_PAIRS || bytes < 1 || bytes > MAX_BYTES) return fprintf(stderr, "overhead: bad number\n"), 2;
  load(argv[1], sock);
  load_classifier(argv[2], sock);
  snprintf(message, sizeof(message), "POST / HTTP/1.1\r\nContent-Length: %05d\r\n\r\n", (int)bytes - HEAD);
  connect_ends();
  map_ring();
  drain_beside(atoi(argv[4]));
  pin(atoi(argv[4]));
  calibrate();

  select_self(true);
  const struct { const char *name; uint32_t policy; } wanted[] = {
      {"full", FULL}, {"classified", FULL | CLASSIFIED}, {"heads", HEADS_OF_SERVER}, {"header_only", HEADER_ONLY},
      {"count_only", COUNT_ONLY}};
  for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
    want(wanted[i].policy);
    measure(wanted[i].name, exchange, EVENTS, pairs);
  }
  select_self(false);
  measure("foreign_tcp", exchange, EVENTS, pairs);
  measure("foreign_syscall", system_calls, SYSCALLS, pairs);
  printf("records %llu %llu\n", (unsigned long long)counted(2), (unsigned long long)counted(3));
  return 0;
}
