#pragma once
// The object has its own, which are slow under sanitizers: they are given other names, but here libc's are meant.
#undef memcpy
#undef memset
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../configuration.h"
#include "../dns.h"
#include "../rule-text.h"
#include "../rules.h"

/** What must hold of every input; a fuzzer keeps the input when it does not. */
#define INVARIANT(condition)                                                  \
  do {                                                                        \
    if (condition) break;                                                     \
    fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
    abort();                                                                  \
  } while (0)

/** Called with every input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Makes what was learned empty; there are too many slots to do so for nothing. */
static inline void forget_learned(void) {
  if (rules.learned_count > 0) memset(rules.learned, 0, sizeof rules.learned);
  rules.learned_count = 0;
  rules.is_full_said = false;
}

/** Makes all of the rules empty, less the space that is only read as far as `count` says. */
static inline void forget_rules(void) {
  forget_learned();
  if (rules.count > 0) memset(rules.slots, 0, sizeof rules.slots);
  memset(&rules, 0, offsetof(struct rules, rule));
}
