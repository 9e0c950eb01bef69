// A library that comes into a program by LD_PRELOAD, too: counts the calls of connect, and says how many when it ends.
#include <dlfcn.h>
#include <stdio.h>
#include <sys/socket.h>

static int calls;

int connect(int socket, const struct sockaddr *address, socklen_t length) {
  int (*next)(int, const struct sockaddr *, socklen_t);
  *(void **)&next = dlsym(RTLD_NEXT, "connect");
  calls++;
  return next(socket, address, length);
}

__attribute__((destructor)) static void say(void) {
  printf("counted %d\n", calls);
}
