// What arrives on descriptors that carry DNS is read as it passes; everything else goes straight through.
#include <sys/socket.h>
#include <sys/uio.h>

#include "marks.h"
#include "next.h"

/** `got` may be more than there was room for: MSG_TRUNC. */
static ssize_t received(const void *data, size_t room, ssize_t got) {
  if (got > 0) learn_received(data, (size_t)got < room ? (size_t)got : room);
  return got;
}

/** Puts the beginning of a message together that was received in pieces; a resolver hardly does so. */
static void received_in_pieces(const struct msghdr *message, size_t got) {
  uint8_t whole[1024];
  size_t length = 0;
  // musl's count has 32 bits and leaves the others undefined.
  uint32_t pieces = (uint32_t)message->msg_iovlen;
  if (pieces == 1) {
    received(message->msg_iov->iov_base, message->msg_iov->iov_len, (ssize_t)got);
    return;
  }
  for (uint32_t i = 0; i < pieces && length < got && length < sizeof whole; i++) {
    size_t size = message->msg_iov[i].iov_len;
    if (size > got - length) size = got - length;
    if (size > sizeof whole - length) size = sizeof whole - length;
    memcpy(whole + length, message->msg_iov[i].iov_base, size);
    length += size;
  }
  learn_received(whole, length);
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
  if (got > 0) received_in_pieces(message, (size_t)got);
  return got;
}

EXPORT int recvmmsg(int socket, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
  next_find();
  if (!is_marked(socket)) return next.recvmmsg(socket, messages, count, flags, timeout);
  int got = next.recvmmsg(socket, messages, count, flags, timeout);
  for (int i = 0; i < got; i++) received_in_pieces(&messages[i].msg_hdr, messages[i].msg_len);
  return got;
}
