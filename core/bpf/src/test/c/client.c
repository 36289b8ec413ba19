// A program to be observed: connects to a port of this machine and does what its second argument says. The system calls
// are those that a test means, one by one, which a client in another language does not promise.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
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

int main(int argc, char **argv) {
  check(argc == 3, "usage: client PORT MODE");
  const char *mode = argv[2];
  int s = connect_to(atoi(argv[1]));
  if (!strcmp(mode, "windows")) windows(s);
  else check(0, mode);
  return 0;
}
