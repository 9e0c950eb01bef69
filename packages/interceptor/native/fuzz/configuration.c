// A configuration that may have been typed by hand, cut off or overwritten.
#include "invariant.h"

static bool is_inside(const char *text, size_t size, struct text part) {
  return part.length == 0 || (part.at >= text && part.at + part.length <= text + size);
}

static void check_rules(const char *text, size_t size) {
  int exemptions = 0, targets = 0;
  for (int i = 0; i < rules.count; i++) {
    const struct rule *rule = &rules.rule[i];
    INVARIANT(rule->kind <= KIND_RANGE && rule->bits <= 128);
    INVARIANT(rule->text.length > 0 && is_inside(text, size, rule->text));
    INVARIANT(rule->kind == KIND_RANGE || (is_name(rule->name) && is_inside(text, size, rule->name)));
    INVARIANT(!rule->exempt || rule->kind == KIND_RANGE);
    if (rule->exempt) exemptions++;
    else INVARIANT(rule->target == targets++);
    // What is a range matches itself; another target may be found first, and an exemption is the last word.
    struct endpoint endpoint = {.address = rule->network, .port = rule->port == 0 ? 443 : rule->port};
    int found = rule->kind == KIND_RANGE ? rules_match(&endpoint) : NOTHING;
    INVARIANT(found < rules.count && (found < 0 || !rules.rule[found].exempt));
    INVARIANT(!rule->exempt || rule->kind != KIND_RANGE || found == NOTHING);
  }
  INVARIANT(targets == rules.targets && targets <= MAX_TARGETS && exemptions <= MAX_EXEMPTIONS);
  INVARIANT(rules.everything == (targets == 0));
}

static void check_valid(const char *text, size_t size) {
  const struct configuration *c = &configuration;
  INVARIANT(c->behavior == REFUSE || c->behavior == TIMEOUT || c->behavior == HANG);
  INVARIANT(c->timeout_ms >= 1000 && c->timeout_ms <= 3600000 && c->percentage <= 100);
  INVARIANT(c->from <= UINT32_MAX && c->until <= UINT32_MAX && c->run.length <= 64 && is_inside(text, size, c->run));
  INVARIANT(is_inside(text, size, c->tally) && (c->tally.length == 0 || c->tally.at[0] == '/'));
  INVARIANT(rules.learned_count <= MAX_LEARNED);
  check_rules(text, size);
}

static void check_complaint(const struct line *complaint) {
  INVARIANT(complaint->length > 6 && complaint->length < 100 && memcmp(complaint->at, "entry ", 6) == 0);
  for (size_t i = 0; i < complaint->length; i++) INVARIANT(complaint->at[i] >= ' ' && complaint->at[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size == 0 ? 1 : size);
  struct line complaint = {.length = 0};
  INVARIANT(text != NULL);
  memcpy(text, data, size);
  forget_rules();
  bool valid = configuration_read(text, size, &complaint);
  INVARIANT(valid == (complaint.length == 0));
  if (valid) check_valid(text, size);
  else check_complaint(&complaint);
  // Reading makes texts lower-case, and what is so already means the same.
  uint16_t count = rules.count;
  uint32_t learned = rules.learned_count;
  forget_rules();
  complaint.length = 0;
  INVARIANT(configuration_read(text, size, &complaint) == valid);
  INVARIANT(rules.count == count && rules.learned_count == learned);
  free(text);
  return 0;
}
