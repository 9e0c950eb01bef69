// The calls that a program makes of its sockets, made as Go makes them: through one function of its own, Syscall6.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct call {
  long number;
  long arguments[6];
  long result, second, error;
};

long through_go(struct call *call);

static long make(long number, long a, long b, long c, long d, long e, long f) {
  struct call call = {.number = number, .arguments = {a, b, c, d, e, f}};
  if (through_go(&call) != 0) {
    printf("system call %ld changed what is not its own\n", number);
    abort();
  }
  if (call.result == -1 && call.error != 0) errno = (int)call.error;
  return call.result;
}

#define AT(pointer) ((long)(pointer))

int connect(int socket, const struct sockaddr *address, socklen_t length) {
  return (int)make(SYS_connect, socket, AT(address), length, 0, 0, 0);
}

ssize_t sendto(int socket, const void *data, size_t size, int flags, const struct sockaddr *address, socklen_t length) {
  return make(SYS_sendto, socket, AT(data), (long)size, flags, AT(address), length);
}

ssize_t send(int socket, const void *data, size_t size, int flags) {
  return sendto(socket, data, size, flags, NULL, 0);
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
  return make(SYS_sendmsg, socket, AT(message), flags, 0, 0, 0);
}

ssize_t read(int descriptor, void *data, size_t size) {
  return make(SYS_read, descriptor, AT(data), (long)size, 0, 0, 0);
}

ssize_t recvfrom(int socket, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length) {
  return make(SYS_recvfrom, socket, AT(data), (long)size, flags, AT(from), AT(length));
}

ssize_t recv(int socket, void *data, size_t size, int flags) {
  return recvfrom(socket, data, size, flags, NULL, NULL);
}

ssize_t recvmsg(int socket, struct msghdr *message, int flags) {
  return make(SYS_recvmsg, socket, AT(message), flags, 0, 0, 0);
}
