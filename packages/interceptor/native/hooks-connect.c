// connect, and the ways to connect by sending (TCP fast open, tcp(7)).
#include <errno.h>
#include <sys/socket.h>

#include "arm.h"
#include "decide.h"
#include "marks.h"
#include "next.h"

#pragma weak __errno_location // as in next.c

// A call that is passed on is the last thing its function does, so that nothing of ours is on the stack while it waits: a
// thread that is cancelled there unwinds as ever.

static __attribute__((noinline)) const struct detour *way_of_connect(int socket, const struct sockaddr *address,
                                                                     socklen_t length) {
  struct endpoint to;
  next_find();
  if (!endpoint_of(address, length, &to)) return NULL;
  mark(socket, &to);
  return arm() ? decide(socket, &to) : NULL;
}

/** Fails as decided, with errno set. */
static int fail(int socket, const struct detour *detour) {
  if (detour->length > 0) return next.connect(socket, &detour->any, detour->length);
  errno = ECONNREFUSED;
  return -1;
}

EXPORT int connect(int socket, const struct sockaddr *address, socklen_t length) {
  const struct detour *detour = way_of_connect(socket, address, length);
  if (detour != NULL) return fail(socket, detour);
  return next.connect(socket, address, length);
}

/** What is sent to an address may be a look-up, and with MSG_FASTOPEN it is a connect. */
static __attribute__((noinline)) const struct detour *way_of_send(int socket, const void *address, socklen_t length,
                                                                  int flags) {
  struct endpoint to;
  next_find();
  if (!endpoint_of(address, length, &to)) return NULL;
  if (to.port == 53) {
    arm();
    mark(socket, &to);
  }
  return (flags & MSG_FASTOPEN) != 0 && arm() ? decide(socket, &to) : NULL;
}

EXPORT ssize_t sendto(int socket, const void *data, size_t size, int flags, const struct sockaddr *address,
                      socklen_t length) {
  const struct detour *detour = way_of_send(socket, address, length, flags);
  if (detour != NULL) return fail(socket, detour);
  return next.sendto(socket, data, size, flags, address, length);
}

EXPORT ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
  const struct detour *detour =
      message == NULL ? NULL : way_of_send(socket, message->msg_name, message->msg_namelen, flags);
  if (detour != NULL) return fail(socket, detour);
  return next.sendmsg(socket, message, flags);
}

/** Only the first message can begin a connection. */
EXPORT int sendmmsg(int socket, struct mmsghdr *messages, unsigned count, int flags) {
  const struct msghdr *first = messages == NULL ? NULL : &messages->msg_hdr;
  const struct detour *detour =
      first == NULL || count == 0 ? NULL : way_of_send(socket, first->msg_name, first->msg_namelen, flags);
  if (detour != NULL) return fail(socket, detour);
  return next.sendmmsg(socket, messages, count, flags);
}
