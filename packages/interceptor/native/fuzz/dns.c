// A DNS message of a server that may be anybody.
#include "invariant.h"

#include <strings.h>

static const char *const targets[] = {"db.test", "*.wild.test", "db.test:443", "alias.test:5432", "x.wild.test"};

static void prepare(void) {
  static bool is_prepared;
  if (is_prepared) return;
  is_prepared = true;
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
    struct rule rule = {.target = rules.targets};
    INVARIANT(read_rule(text_of(targets[i]), &rule) && rules_add(&rule));
    rules.targets++;
  }
}

static bool contains(const uint8_t *data, size_t size, const void *part, size_t length, bool any_case) {
  for (size_t at = 0; at + length <= size; at++) {
    const char *here = (const char *)data + at;
    if (any_case ? strncasecmp(here, part, length) == 0 : memcmp(here, part, length) == 0) return true;
  }
  return false;
}

/** A name may be put together from several places, but each of its labels stands somewhere. */
static bool has_labels(const uint8_t *data, size_t size, struct text name) {
  while (name.length > 0) {
    char label[64];
    size_t dot = 0;
    while (dot < name.length && name.at[dot] != '.') dot++;
    label[0] = (char)dot;
    memcpy(label + 1, name.at, dot);
    if (!contains(data, size, label, dot + 1, true)) return false;
    size_t taken = dot < name.length ? dot + 1 : dot;
    name = (struct text){name.at + taken, name.length - taken};
  }
  return true;
}

static void check_learned(const uint8_t *data, size_t size) {
  for (int i = 0; i < LEARNED_SLOTS; i++) {
    const struct learned *learned = &rules.learned[i];
    if (learned->state == 0) continue;
    INVARIANT(learned->state >= 2 && learned->state - 2 < rules.count);
    const uint8_t *bytes = learned->address.bytes;
    bool four = is_ipv4(&learned->address) && contains(data, size, bytes + 12, 4, false);
    INVARIANT(four || contains(data, size, bytes, 16, false));
    INVARIANT(has_labels(data, size, rules.rule[learned->state - 2].name));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  prepare();
  forget_learned();
  bool has_room = dns_learn(data, size);
  uint32_t count = rules.learned_count;
  INVARIANT(has_room || count == MAX_LEARNED);
  bool is_answer = size >= 12 && (data[2] & 0xf8) == 0x80 && data[4] == 0 && data[5] == 1;
  INVARIANT(is_answer || count == 0);
  if (count > 0) check_learned(data, size);
  // What is known already needs no room.
  INVARIANT(dns_learn(data, size) && rules.learned_count == count);
  return 0;
}
