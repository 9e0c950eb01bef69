#include "units.h"

#include <arpa/inet.h>
#include <strings.h>

/** The same rules as a list that is gone through from one end to the other, bit for bit. */
struct plain {
  char name[64]; // of a range, empty
  bool suffix;
  struct address network;
  int bits;
  int port;
  bool exempt;
};

static struct plain plain[64];
static int plain_count;
static struct {
  int rule;
  struct address address;
} plain_learned[512];
static int plain_learned_count;

static void any_name(char name[64]) {
  name[0] = 0;
  for (uint64_t labels = 1 + chance(4); labels > 0; labels--) {
    char label[8] = {any_of("abcz"), '.', 0};
    strcat(name, label);
  }
  strcat(name, "test");
}

static const char *any_address(void) {
  static char text[64];
  unsigned a = (unsigned)chance(3), b = (unsigned)chance(3), c = (unsigned)chance(4);
  if (chance(2) == 0) snprintf(text, sizeof text, "10.%u.%u.%u", a, b * 127, c);
  else snprintf(text, sizeof text, "2001:db8:%x::%x:%x", a, b, c * 0x5555);
  return text;
}

static void add_any_rule(void) {
  struct plain *p = &plain[plain_count++];
  char text[128], port[8] = "";
  *p = (struct plain){.exempt = chance(6) == 0, .port = chance(2) == 0 ? 0 : (int)(80 + chance(3))};
  if (p->port != 0) snprintf(port, sizeof port, ":%d", p->port);
  if (chance(2) == 0) {
    any_name(p->name);
    p->suffix = chance(2) == 0;
    snprintf(text, sizeof text, "%s%s%s", p->suffix ? "*." : "", p->name, port);
  } else {
    const char *address = any_address();
    bool four = strchr(address, ':') == NULL;
    int bits = (int)chance(four ? 33 : 129);
    p->network = address_in(address);
    p->bits = bits + (four ? 96 : 0);
    if (four) snprintf(text, sizeof text, "%s/%d%s", address, bits, port);
    else snprintf(text, sizeof text, p->port == 0 ? "%s/%d" : "[%s/%d]%s", address, bits, port);
  }
  add_rule(text, p->exempt);
}

static bool is_about(const struct plain *p, const char *name) {
  size_t length = strlen(name), own = strlen(p->name);
  if (own == 0) return false;
  if (length > 0 && name[length - 1] == '.') length--;
  if (!p->suffix) return length == own && strncasecmp(name, p->name, own) == 0;
  return length > own + 1 && name[length - own - 1] == '.' && strncasecmp(name + length - own, p->name, own) == 0;
}

static void learn_any(void) {
  char name[70];
  const char *address = any_address();
  any_name(name);
  if (chance(4) == 0) name[0] = (char)(name[0] - 'a' + 'A');
  if (chance(4) == 0) strcat(name, ".");
  learn(name, address);
  for (int i = 0; i < plain_count; i++) {
    if (!is_about(&plain[i], name)) continue;
    plain_learned[plain_learned_count].rule = i;
    plain_learned[plain_learned_count++].address = address_in(address);
  }
}

/** A range of IPv6, `::/0` among them, is not about IPv4, though the kernel maps the one into the other. */
static bool is_within(const struct plain *p, const struct address *address) {
  if (is_ipv4(&p->network) != is_ipv4(address)) return false;
  for (int i = 0; i < p->bits; i++) {
    uint8_t bit = (uint8_t)(0x80 >> i % 8);
    if (((p->network.bytes[i / 8] ^ address->bytes[i / 8]) & bit) != 0) return false;
  }
  return true;
}

/** Whether rule i is about the address, by itself or by what was learned. */
static bool covers(int i, const struct endpoint *endpoint) {
  if (plain[i].port != 0 && plain[i].port != (int)endpoint->port) return false;
  if (plain[i].name[0] == 0) return is_within(&plain[i], &endpoint->address);
  for (int at = 0; at < plain_learned_count; at++) {
    if (plain_learned[at].rule == i && same_address(&plain_learned[at].address, &endpoint->address)) return true;
  }
  return false;
}

static void compare(void) {
  const char *address = any_address();
  struct endpoint endpoint = endpoint_in(address, (uint16_t)(80 + chance(4)));
  bool exempt = false, blocked = false;
  for (int i = 0; i < plain_count; i++) {
    if (!covers(i, &endpoint)) continue;
    if (plain[i].exempt) exempt = true;
    else blocked = true;
  }
  int found = rules_match(&endpoint);
  if (exempt || !blocked) {
    EXPECT(found == (rules.everything && !exempt ? EVERYTHING : NOTHING), "%s:%d: %d", address, endpoint.port, found);
  } else {
    EXPECT(found >= 0 && found < plain_count && !plain[found].exempt, "%s:%d: %d", address, endpoint.port, found);
    EXPECT(covers(found, &endpoint), "%s:%d: rule %d", address, endpoint.port, found);
  }
}

static void like_a_list(void) {
  for (int round = 0; round < 500; round++) {
    forget_rules();
    plain_count = plain_learned_count = 0;
    for (uint64_t count = chance(40); count > 0; count--) add_any_rule();
    rules.everything = rules.targets == 0;
    for (int i = 0; i < 60; i++) {
      if (plain_learned_count < 400) learn_any();
      compare();
      compare();
    }
  }
}

/** The longest row of taken slots, which is the longest search. */
static int longest_row(bool (*taken)(int slot), int slots) {
  int longest = 0, row = 0;
  for (int i = 0; i < slots; i++) {
    row = taken(i) ? row + 1 : 0;
    if (row > longest) longest = row;
  }
  return longest;
}

static bool is_learned(int slot) {
  return rules.learned[slot].state != 0;
}

static bool is_rule(int slot) {
  return rules.slots[slot] != 0;
}

/** However regular the addresses are: a network is no random set of them. */
static void spread(void) {
  static const char *const patterns[] = {
      "10.0.%u.%u", "%u.%u.0.1", "10.%u.%u.77", "2001:db8::%x:%x", "2001:db8:%x:%x::1", "2001:db8:%x::%x:0:0:1",
  };
  for (size_t pattern = 0; pattern < sizeof patterns / sizeof *patterns; pattern++) {
    forget_rules();
    add_rule("db.test", false);
    for (unsigned i = 0; i < 4096; i++) {
      char text[64];
      snprintf(text, sizeof text, patterns[pattern], i >> 6, (i & 63) * (pattern % 2 == 0 ? 4 : 1));
      EXPECT(learn("db.test", text), "%s", text);
    }
    int row = longest_row(is_learned, LEARNED_SLOTS);
    EXPECT(row < 300, "%s: a search goes through %d entries", patterns[pattern], row);
    forget_rules();
    for (unsigned i = 0; i < 4096; i++) {
      char text[64];
      snprintf(text, sizeof text, patterns[pattern], i >> 6, (i & 63) * (pattern % 2 == 0 ? 4 : 1));
      add_rule(text, false);
    }
    row = longest_row(is_rule, TABLE_SLOTS);
    EXPECT(row < 300, "%s: a search goes through %d targets", patterns[pattern], row);
  }
  forget_rules();
  for (unsigned i = 0; i < 4096; i++) {
    char text[64];
    snprintf(text, sizeof text, "shard-%u.db.internal:5432", i);
    add_rule(text, false);
  }
  int row = longest_row(is_rule, TABLE_SLOTS);
  EXPECT(row < 300, "a search goes through %d names", row);
}

static void full(void) {
  forget_rules();
  add_rule("db.test", false);
  char text[64];
  for (unsigned i = 0; i < MAX_LEARNED; i++) {
    snprintf(text, sizeof text, "10.0.%u.%u", i >> 8, i & 255);
    EXPECT(learn("db.test", text), "%s", text);
  }
  EXPECT(learn("db.test", "10.0.0.0"), "what is there already needs no room");
  EXPECT(!learn("db.test", "10.1.0.0"), "it says so");
  EXPECT(learn("db.test", "10.1.0.1") && learn("db.test", "10.1.0.2"), "once");
  EXPECT(strcmp(match("10.0.15.255", 80), "db.test") == 0, "the last one that had room");
  EXPECT(strcmp(match("10.1.0.0", 80), "-") == 0, "the first one that had none");
  forget_rules();
  for (int i = 0; i < MAX_RULES; i++) {
    snprintf(text, sizeof text, "a%d.test", i);
    add_rule(text, false);
  }
  struct rule more = {.kind = KIND_RANGE};
  EXPECT(!rules_add(&more) && rules.count == MAX_RULES, "there is no room for more");
}

static void by_name(void) {
  forget_rules();
  add_rule("db.internal:5432", false);
  add_rule("*.example.com", false);
  add_rule("runtime.test:9001", true);
  EXPECT(learn("DB.Internal.", "10.0.0.1") && learn("a.b.EXAMPLE.com", "10.0.0.2"), "learned");
  learn("example.com", "10.0.0.3");
  learn("notexample.com", "10.0.0.4");
  learn(".example.com", "10.0.0.5");
  learn("internal", "10.0.0.6");
  learn("a.example.com", "10.0.0.7");
  learn("runtime.test", "10.0.0.7");
  EXPECT(strcmp(match("10.0.0.1", 5432), "db.internal:5432") == 0, "%s", match("10.0.0.1", 5432));
  EXPECT(strcmp(match("10.0.0.1", 5433), "-") == 0, "another port");
  EXPECT(strcmp(match("10.0.0.2", 1), "*.example.com") == 0, "%s", match("10.0.0.2", 1));
  for (int i = 3; i <= 6; i++) {
    char text[32];
    snprintf(text, sizeof text, "10.0.0.%d", i);
    EXPECT(strcmp(match(text, 5432), "-") == 0, "%s", text);
  }
  EXPECT(strcmp(match("10.0.0.7", 9001), "-") == 0, "an exemption is the last word");
  EXPECT(strcmp(match("10.0.0.7", 9002), "*.example.com") == 0, "on its port");
}

/** One name with more ports than one look-up can be about names. */
static void many_ports(void) {
  char text[64];
  forget_rules();
  for (int port = 1; port <= 200; port++) {
    snprintf(text, sizeof text, "db.test:%d", port);
    add_rule(text, port % 50 == 0);
  }
  EXPECT(learn("db.test", "10.0.0.1"), "learned");
  for (int port = 1; port <= 201; port++) {
    snprintf(text, sizeof text, "db.test:%d", port);
    const char *expected = port % 50 == 0 || port > 200 ? "-" : text;
    EXPECT(strcmp(match("10.0.0.1", (uint16_t)port), expected) == 0, "%s: %s", text, match("10.0.0.1", (uint16_t)port));
  }
}

void test_rules(void) {
  by_name();
  many_ports();
  like_a_list();
  spread();
  full();
}
