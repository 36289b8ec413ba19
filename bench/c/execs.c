// Short processes, one after the other, once the input has ended: execs PORT COUNT. Each is a program of its own that
// asks the Redis on PORT once.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PING "*1\r\n$4\r\nPING\r\n"

extern char **environ;

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int ask(int port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct linger reset = {.l_onoff = 1};  // or the ports are used up
  char answer[16];
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (void *)&address, sizeof(address))) return fail("connect");
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  if (write(fd, PING, sizeof(PING) - 1) != sizeof(PING) - 1 || read(fd, answer, sizeof(answer)) != 7) return fail("PING");
  return close(fd);
}

int main(int argc, char **argv) {
  if (argc == 2) return ask(atoi(argv[1]));
  if (argc != 3) return fprintf(stderr, "usage: execs PORT COUNT\n"), 2;
  while (getchar() != EOF) {}
  char *child[] = {"/proc/self/exe", argv[1], NULL};
  for (int i = atoi(argv[2]); i > 0; i--) {
    pid_t pid;
    int status;
    if (posix_spawn(&pid, child[0], NULL, NULL, child, environ)) return fail("posix_spawn");
    if (waitpid(pid, &status, 0) != pid || status) return fprintf(stderr, "execs: a process ended with %d\n", status), 1;
  }
  return 0;
}
