#include "marks.h"

#include <sys/uio.h>

#include "dns.h"
#include "say.h"

enum { DNS_PORT = 53 };

uint8_t marked_descriptors[MARKABLE];

bool is_marked(int descriptor) {
  return (unsigned)descriptor < MARKABLE && __atomic_load_n(&marked_descriptors[descriptor], __ATOMIC_RELAXED) != 0;
}

void mark(int descriptor, const struct endpoint *to) {
  bool dns = to->port == DNS_PORT;
  // Written only when it changes: the memory of a program that looks nothing up is not touched.
  if ((unsigned)descriptor < MARKABLE && is_marked(descriptor) != dns) {
    __atomic_store_n(&marked_descriptors[descriptor], (uint8_t)dns, __ATOMIC_RELAXED);
  }
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
