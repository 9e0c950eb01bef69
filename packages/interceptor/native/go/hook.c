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

/** As the entry has put it on our stack; what is changed in the first two is what the kernel gets. */
struct call {
  long number; // or the result of the call, with one of the bits of hook.h
  long arguments[6];
  long others[2];
  long stack; // of the goroutine
};

/** Of an IPv4 address, and of all that the kernel takes. */
enum { LEAST_ADDRESS = 16, MOST_ADDRESS = 128, WORD = 8, DNS_PORT = 53, NO_WAY = -1 };

enum {
  /** As near to a goroutine's stack there is Go's heap, of which a page that was readable stays so. Source: runtime/mheap.go. */
  NEAR_BITS = 34,
  PAGE_BITS = 12,
  PAGES = 1024,
};

/** The number + 1 of the page that was found readable last, of those that share a place. */
static uint64_t readable[PAGES];

/** Whether the page is there. No signal mask is changed, since there is no such way to change it. */
static bool is_page_readable(long pointer, long stack) {
  uint64_t page = (uint64_t)pointer >> PAGE_BITS;
  uint64_t *known = &readable[page % PAGES];
  const void *word = (const void *)(pointer & -WORD); // the eight bytes that the kernel reads are in this page
  if ((pointer ^ stack) >> NEAR_BITS == 0 && __atomic_load_n(known, __ATOMIC_RELAXED) == page + 1) return true;
  if (word == NULL || signal_call(NO_WAY, word, NULL, SYS_rt_sigprocmask) == -EFAULT) return false;
  __atomic_store_n(known, page + 1, __ATOMIC_RELAXED);
  return true;
}

/** A pointer that leads nowhere is the kernel's to refuse. At most a page long. */
static bool is_readable(long pointer, long length, long stack) {
  long last = pointer + length - 1;
  return is_page_readable(pointer, stack) && ((pointer ^ last) >> PAGE_BITS == 0 || is_page_readable(last, stack));
}

/** What a call is about that gives an address; false when the kernel is to look at it alone. */
static bool way_of(const struct call *call, struct endpoint *to, int *flags) {
  const long *a = call->arguments;
  long name = a[1];
  uint32_t length = (uint32_t)a[2];
  *flags = MSG_FASTOPEN; // as good as a connect
  if (call->number == SYS_sendto) {
    *flags = (int)a[3];
    name = a[4];
    length = (uint32_t)a[5];
  } else if (call->number == SYS_sendmsg) {
    const struct msghdr *message = (const struct msghdr *)name;
    *flags = (int)length;
    if (!is_readable(name, offsetof(struct msghdr, msg_iov), call->stack)) return false;
    name = at(message->msg_name);
    length = message->msg_namelen;
  }
  return length >= LEAST_ADDRESS && length <= MOST_ADDRESS && is_readable(name, length, call->stack) &&
         endpoint_of((const void *)name, length, to);
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
