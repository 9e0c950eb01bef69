#include "marks.h"

#include "dns.h"
#include "say.h"

enum {
  DNS_PORT = 53,
  /** Descriptors above it are never marked. */
  MARKABLE = 65536,
};

static uint8_t marked[MARKABLE / 8];

static void put(int descriptor, bool value) {
  uint8_t bit = (uint8_t)(1 << (descriptor % 8));
  uint8_t *byte = &marked[descriptor / 8];
  if (value) __atomic_fetch_or(byte, bit, __ATOMIC_RELAXED);
  else __atomic_fetch_and(byte, (uint8_t)~bit, __ATOMIC_RELAXED);
}

bool is_marked(int descriptor) {
  if ((unsigned)descriptor >= MARKABLE) return false;
  return (__atomic_load_n(&marked[descriptor / 8], __ATOMIC_RELAXED) >> (descriptor % 8) & 1) != 0;
}

void mark(int descriptor, const struct endpoint *to) {
  if ((unsigned)descriptor >= MARKABLE) return;
  bool dns = to->port == DNS_PORT;
  if (dns != is_marked(descriptor)) put(descriptor, dns);
}

void learn_received(const void *message, size_t length) {
  if (!dns_learn(message, length)) say_full();
}
