// What arrives on descriptors that carry DNS is read as it passes; everything else goes straight through.
#include <sys/socket.h>

#include "marks.h"
#include "next.h"

/** `got` may be more than there was room for: MSG_TRUNC. */
static ssize_t received(const void *data, size_t room, ssize_t got) {
  if (got > 0) learn_received(data, (size_t)got < room ? (size_t)got : room);
  return got;
}

// A call that is passed on is the last thing its function does, unless the descriptor carries DNS: nothing of ours is on the stack
// while it waits, and a thread that is cancelled there unwinds as ever.

EXPORT ssize_t read(int descriptor, void *data, size_t size) {
  next_find();
  if (!is_marked(descriptor)) return next.read(descriptor, data, size);
  return received(data, size, next.read(descriptor, data, size));
}

EXPORT ssize_t recv(int socket, void *data, size_t size, int flags) {
  next_find();
  if (!is_marked(socket)) return next.recv(socket, data, size, flags);
  return received(data, size, next.recv(socket, data, size, flags));
}

EXPORT ssize_t recvfrom(int socket, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length) {
  next_find();
  if (!is_marked(socket)) return next.recvfrom(socket, data, size, flags, from, length);
  return received(data, size, next.recvfrom(socket, data, size, flags, from, length));
}

// The next three are what a program built with _FORTIFY_SOURCE calls on glibc.

EXPORT ssize_t __read_chk(int descriptor, void *data, size_t size, size_t room) {
  next_find();
  if (!is_marked(descriptor)) return next.read_chk(descriptor, data, size, room);
  return received(data, size, next.read_chk(descriptor, data, size, room));
}

EXPORT ssize_t __recv_chk(int socket, void *data, size_t size, size_t room, int flags) {
  next_find();
  if (!is_marked(socket)) return next.recv_chk(socket, data, size, room, flags);
  return received(data, size, next.recv_chk(socket, data, size, room, flags));
}

EXPORT ssize_t __recvfrom_chk(int socket, void *data, size_t size, size_t room, int flags, struct sockaddr *from,
                              socklen_t *length) {
  next_find();
  if (!is_marked(socket)) return next.recvfrom_chk(socket, data, size, room, flags, from, length);
  return received(data, size, next.recvfrom_chk(socket, data, size, room, flags, from, length));
}

EXPORT ssize_t recvmsg(int socket, struct msghdr *message, int flags) {
  next_find();
  if (!is_marked(socket)) return next.recvmsg(socket, message, flags);
  ssize_t got = next.recvmsg(socket, message, flags);
  if (got > 0) learn_message(message, (size_t)got);
  return got;
}

EXPORT int recvmmsg(int socket, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
  next_find();
  if (!is_marked(socket)) return next.recvmmsg(socket, messages, count, flags, timeout);
  int got = next.recvmmsg(socket, messages, count, flags, timeout);
  for (int i = 0; i < got; i++) learn_message(&messages[i].msg_hdr, messages[i].msg_len);
  return got;
}
