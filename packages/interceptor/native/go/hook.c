// What the calls of a program are made into, before (connect, and what may be one) or after (what received a look-up's answer) the
// kernel has got them. Runs on a stack of ours and holds it: no call of the program's own is made in here.
#include "hook.h"

#include <errno.h>
#include <sys/socket.h>

#include "../arm.h"
#include "../decide.h"
#include "../marks.h"
#include "../sys.h"

/** What a build for tests puts in front, to make it slow or to make it break a rule. */
#ifndef HOOK_FIRST
#define HOOK_FIRST
#endif

/** As the entry has put it on our stack; what is changed in it is what the kernel gets. */
struct call {
  long number; // or the result of the call, with one of the bits of hook.h
  long arguments[6];
};

/** Of an IPv4 address, and of all that the kernel takes. */
enum { LEAST_ADDRESS = 16, MOST_ADDRESS = 128, WORD = 8, DNS_PORT = 53, NO_WAY = -1 };

/** Whether eight bytes are there. No signal mask is changed, since there is no such way to change it. */
static bool is_word_readable(long pointer) {
  return pointer != 0 && sys6(NO_WAY, pointer, 0, WORD, 0, 0, SYS_rt_sigprocmask) != -EFAULT;
}

/** A pointer that leads nowhere is the kernel's to refuse. At most a page long. */
static bool is_readable(long pointer, long length) {
  long last = pointer + length - WORD;
  return is_word_readable(pointer) && (((pointer ^ (last + WORD - 1)) >> 12) == 0 || is_word_readable(last));
}

static bool endpoint_at(long pointer, long length, struct endpoint *to) {
  uint32_t bytes = (uint32_t)length;
  if (bytes < LEAST_ADDRESS || bytes > MOST_ADDRESS) return false;
  return is_readable(pointer, bytes) && endpoint_of((const void *)pointer, bytes, to);
}

/** What a call is about that gives an address; false when the kernel is to look at it alone. */
static bool way_of(const struct call *call, struct endpoint *to, int *flags) {
  const long *a = call->arguments;
  const struct msghdr *message = (const struct msghdr *)a[1];
  *flags = MSG_FASTOPEN; // as good as a connect
  switch (call->number) {
  case SYS_connect:
    return endpoint_at(a[1], a[2], to);
  case SYS_sendto:
    *flags = (int)a[3];
    return endpoint_at(a[4], a[5], to);
  default:
    *flags = (int)a[2];
    return is_readable(a[1], offsetof(struct msghdr, msg_iov)) &&
           endpoint_at(at(message->msg_name), message->msg_namelen, to);
  }
}

/** Answers whether the result is in `call` and no call remains to be made; not as a bool, of which only eight bits are defined. */
__attribute__((used)) long hook(struct call *call) {
  struct endpoint to;
  int flags;
  HOOK_FIRST
  long *a = call->arguments;
  size_t got = (uint32_t)call->number;
  if (call->number != (long)got) {
    bool is_message = (call->number >> HOOK_MESSAGE_BIT & 1) != 0;
    size_t room = (size_t)a[2];
    call->number = (long)got;
    if (is_message) learn_message((const struct msghdr *)a[1], got);
    else learn_received((const void *)a[1], got < room ? got : room);
    return 1;
  }
  if (is_inert() || !way_of(call, &to, &flags) || !arm()) return 0;
  bool connects = (flags & MSG_FASTOPEN) != 0;
  // A look-up that is too long for UDP goes on over TCP, with whatever resolver: names must stay resolvable.
  if (connects || to.port == DNS_PORT) mark((int)a[0], &to);
  if (!connects || to.port == DNS_PORT) return 0;
  const struct detour *detour = decide((int)a[0], &to);
  if (detour == NULL) return 0;
  call->number = detour->length > 0 ? SYS_connect : -ECONNREFUSED;
  a[1] = at(&detour->any);
  a[2] = detour->length;
  return detour->length == 0;
}
