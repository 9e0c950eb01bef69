#include "marks.h"

#include <sys/uio.h>

#include "dns.h"
#include "say.h"

enum {
  DNS_PORT = 53,
  /** Descriptors above it are never marked. */
  MARKABLE = 65536,
};

/** Read by the hook in a Go program, too, before it comes to this file. */
uint8_t marked_descriptors[MARKABLE / 8] __attribute__((aligned(4)));

static void put(int descriptor, bool value) {
  uint8_t bit = (uint8_t)(1 << (descriptor % 8));
  uint8_t *byte = &marked_descriptors[descriptor / 8];
  if (value) __atomic_fetch_or(byte, bit, __ATOMIC_RELAXED);
  else __atomic_fetch_and(byte, (uint8_t)~bit, __ATOMIC_RELAXED);
}

bool is_marked(int descriptor) {
  if ((unsigned)descriptor >= MARKABLE) return false;
  return (__atomic_load_n(&marked_descriptors[descriptor / 8], __ATOMIC_RELAXED) >> (descriptor % 8) & 1) != 0;
}

void mark(int descriptor, const struct endpoint *to) {
  if ((unsigned)descriptor >= MARKABLE) return;
  bool dns = to->port == DNS_PORT;
  if (dns != is_marked(descriptor)) put(descriptor, dns);
}

void learn_received(const void *message, size_t length) {
  if (!dns_learn(message, length)) say_full();
}

/** The beginning of a message that was received in pieces is put together; a resolver hardly receives so. */
void learn_message(const struct msghdr *message, size_t got) {
  uint8_t whole[1024];
  size_t length = 0;
  // musl's count has 32 bits and leaves the others undefined.
  uint32_t pieces = (uint32_t)message->msg_iovlen;
  if (pieces == 1) {
    size_t room = message->msg_iov->iov_len;
    learn_received(message->msg_iov->iov_base, got < room ? got : room);
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
