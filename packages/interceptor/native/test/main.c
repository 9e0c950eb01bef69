// main PART SEED: one of the parts below.
#include "units.h"

#include <arpa/inet.h>

unsigned long checks;
static uint64_t chances;
/** Texts that rules point into; a test that adds rules is one of few. */
static char kept[8192][300];
static int kept_count;

uint64_t chance(uint64_t below) {
  chances += 0x9e3779b97f4a7c15u;
  uint64_t value = (chances ^ chances >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return (value ^ value >> 31) % below;
}

char any_of(const char *from) {
  return from[chance(strlen(from))];
}

void forget_rules(void) {
  memset(&rules, 0, sizeof rules);
  kept_count = 0;
}

void add_rule(const char *text, bool exempt) {
  struct rule rule = {.exempt = exempt, .target = rules.targets};
  char *mine = kept[kept_count++];
  snprintf(mine, sizeof kept[0], "%s", text);
  EXPECT(read_rule(text_of(mine), &rule), "%s", text);
  EXPECT(rules_add(&rule), "%s", text);
  if (!exempt) rules.targets++;
}

struct address address_in(const char *text) {
  uint8_t bytes[16];
  if (inet_pton(AF_INET, text, bytes) == 1) return address_of_ipv4(bytes);
  EXPECT(inet_pton(AF_INET6, text, bytes) == 1, "%s", text);
  return address_of_ipv6(bytes);
}

struct endpoint endpoint_in(const char *address, uint16_t port) {
  return (struct endpoint){.address = address_in(address), .port = port};
}

bool learn(const char *name, const char *address) {
  struct matches matches = {0};
  struct address found = address_in(address);
  rules_match_name(text_of(name), &matches);
  return rules_learn(&matches, &found);
}

const char *match(const char *address, uint16_t port) {
  static char text[300];
  struct endpoint endpoint = endpoint_in(address, port);
  int found = rules_match(&endpoint);
  if (found < 0) return found == NOTHING ? "-" : "*";
  snprintf(text, sizeof text, "%.*s", (int)rules.rule[found].text.length, rules.rule[found].text.at);
  return text;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(void);
  } parts[] = {
      {"text", test_text},   {"address", test_address},             {"rule-text", test_rule_text},
      {"rules", test_rules}, {"configuration", test_configuration}, {"dns", test_dns},
      {"fuse", test_fuse},   {"fuse-put-on", test_fuse_put_on},     {"fuse-from", test_fuse_from},
      {"fuse-never", test_fuse_never},
      {"read-targets", read_targets},
  };
  chances = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  for (size_t i = 0; argc > 1 && i < sizeof parts / sizeof parts[0]; i++) {
    if (strcmp(argv[1], parts[i].name) != 0) continue;
    parts[i].run();
    fprintf(stderr, "%lu checks\n", checks);
    return 0;
  }
  fprintf(stderr, "usage: units PART SEED\n");
  return 2;
}
