// family BLOCKED ALLOWED: connects to both in a process, in one that is forked off it, and in one that vfork and exec
// make; says for each what came of it.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int attempt(const char *text) {
  char host[64];
  snprintf(host, sizeof host, "%s", text);
  char *port = strchr(host, ':');
  *port++ = 0;
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  inet_pton(AF_INET, host, &in.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int result = connect(fd, (struct sockaddr *)&in, sizeof in) == 0 ? 0 : errno;
  close(fd);
  return result;
}

static void both(const char *who, char **argv) {
  int blocked = attempt(argv[1]), allowed = attempt(argv[2]);
  printf("%s %d: %s, %s\n", who, (int)getpid(), blocked == ECONNREFUSED ? "refused" : strerror(blocked),
         allowed == 0 ? "connected" : strerror(allowed));
  fflush(stdout);
}

static void wait_for(pid_t child) {
  int status;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) exit(1);
}

int main(int argc, char **argv) {
  if (argc > 3) {
    both(argv[3], argv);
    return 0;
  }
  both("parent", argv);
  pid_t child = fork();
  if (child == 0) {
    both("forked", argv);
    both("forked", argv);
    _exit(0);
  }
  wait_for(child);
  char *started[] = {argv[0], argv[1], argv[2], "started", NULL};
  child = vfork();
  if (child == 0) {
    execv(argv[0], started);
    _exit(1);
  }
  wait_for(child);
  both("parent", argv);
  return 0;
}
