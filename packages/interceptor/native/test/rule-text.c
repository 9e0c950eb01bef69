#include "units.h"

struct expected {
  const char *text;
  int kind;
  const char *host; // of a name; of a range, its address
  int bits;
  int port;
};

static const struct expected valid[] = {
    {"db", KIND_NAME, "db", 0, 0},
    {"db.internal", KIND_NAME, "db.internal", 0, 0},
    {"db.internal.", KIND_NAME, "db.internal", 0, 0},
    {"db.internal:5432", KIND_NAME, "db.internal", 0, 5432},
    {"db.internal.:65535", KIND_NAME, "db.internal", 0, 65535},
    {"_srv-1.3com.a9", KIND_NAME, "_srv-1.3com.a9", 0, 0},
    {"*.example.com", KIND_SUFFIX, "example.com", 0, 0},
    {"*.com:1", KIND_SUFFIX, "com", 0, 1},
    {"10.0.0.5", KIND_RANGE, "10.0.0.5", 128, 0},
    {"10.0.0.5:80", KIND_RANGE, "10.0.0.5", 128, 80},
    {"10.0.0.0/8", KIND_RANGE, "10.0.0.0", 104, 0},
    {"0.0.0.0/0", KIND_RANGE, "0.0.0.0", 96, 0},
    {"10.0.0.6/31:443", KIND_RANGE, "10.0.0.6", 127, 443},
    {"2001:db8::1", KIND_RANGE, "2001:db8::1", 128, 0},
    {"[2001:db8::1]", KIND_RANGE, "2001:db8::1", 128, 0},
    {"[2001:db8::1]:443", KIND_RANGE, "2001:db8::1", 128, 443},
    {"2001:db8::/32", KIND_RANGE, "2001:db8::", 32, 0},
    {"[2001:db8::/32]:443", KIND_RANGE, "2001:db8::", 32, 443},
    {"::/0", KIND_RANGE, "::", 0, 0},
    {"::1/128", KIND_RANGE, "::1", 128, 0},
    {"::ffff:10.0.0.5", KIND_RANGE, "10.0.0.5", 128, 0},
    {"::ffff:10.0.0.0/104", KIND_RANGE, "10.0.0.0", 104, 0},
};

static const char *const invalid[] = {
    "",           ".",           "*",           "*.",         "*.*.com",     "a..b",         ".a",
    "a.*.b",      "a*.b",        "a b",         "a/8",        "10.0.0.0/33", "10.0.0.0/",    "10.0.0.0/-1",
    "::/129",     "10.0.0",      "10.0.0.256",  "10.0.0.05",  "1.2.3.4.5",   "example.1",    "1",
    "db:0",       "db:65536",    "db:",         "db:5432x",   "db: 5432",    ":80",          "[::1",
    "[::1]x",     "[::1]:",      "[::1]:0",     "[]",         "[]:80",       "::1]:80",      "1::2::3",
    "12345::",    "g::",         "fe80::1%lo",  "http://db",  "db?",         "d\xc3\xb6.de", "a\x01",
    "2001:db8::1:99999",
};

static void read_valid(void) {
  for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
    const struct expected *e = &valid[i];
    struct rule rule = {.exempt = false};
    EXPECT(read_rule(text_of(e->text), &rule), "'%s'", e->text);
    EXPECT(rule.kind == e->kind && rule.port == e->port, "'%s': kind %d, port %d", e->text, rule.kind, rule.port);
    EXPECT(same(rule.text, text_of(e->text)), "'%s' is logged as '%.*s'", e->text, (int)rule.text.length, rule.text.at);
    if (e->kind == KIND_RANGE) {
      struct address address = address_in(e->host);
      EXPECT(same_address(&rule.network, &address) && rule.bits == e->bits, "'%s': %d bits", e->text, rule.bits);
    } else {
      EXPECT(same(rule.name, text_of(e->host)), "'%s'", e->text);
    }
  }
}

static void refuse_invalid(void) {
  struct rule rule = {.exempt = false};
  for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
    EXPECT(!read_rule(text_of(invalid[i]), &rule), "'%s'", invalid[i]);
  }
  char label[65], name[256];
  memset(label, 'a', sizeof label);
  EXPECT(read_rule((struct text){label, 63}, &rule), "63 letters");
  EXPECT(!read_rule((struct text){label, 64}, &rule), "64 letters");
  for (size_t i = 0; i < sizeof name; i++) name[i] = i % 50 == 49 ? '.' : 'a';
  EXPECT(read_rule((struct text){name, 253}, &rule), "253 bytes");
  EXPECT(!read_rule((struct text){name, 254}, &rule), "254 bytes");
}

/** Texts in memory of their own size: whoever reads beyond the end is found out. */
static void read_junk(void) {
  for (int i = 0; i < 300000; i++) {
    size_t length = chance(24);
    char *text = malloc(length + 1);
    for (size_t at = 0; at < length; at++) text[at] = chance(40) == 0 ? (char)chance(256) : any_of("a0f9:::...[]//*1");
    char *exact = malloc(length == 0 ? 1 : length);
    memcpy(exact, text, length);
    struct rule rule = {.exempt = false};
    if (read_rule((struct text){exact, length}, &rule)) {
      EXPECT(rule.kind <= KIND_RANGE && rule.bits <= 128, "%.*s", (int)length, text);
      EXPECT(rule.kind == KIND_RANGE || is_name(rule.name), "%.*s", (int)length, text);
    }
    free(exact);
    free(text);
  }
}

void test_rule_text(void) {
  read_valid();
  refuse_invalid();
  read_junk();
}

void read_targets(void) {
  static const char *const kinds[] = {"name", "suffix", "range"};
  char text[512];
  while (fgets(text, sizeof text, stdin) != NULL) {
    text[strcspn(text, "\n")] = 0;
    for (char *at = text; *at != 0; at++) *at = lower(*at);
    struct rule rule = {.exempt = false};
    if (!read_rule(text_of(text), &rule)) {
      puts("invalid");
      continue;
    }
    forget_rules();
    rules_add(&rule);
    printf("%s %d ", kinds[rule.kind], rule.port);
    if (rule.kind == KIND_RANGE) {
      for (int i = 0; i < 16; i++) printf("%02x", rules.rule[0].network.bytes[i]);
      printf("/%d\n", rule.bits);
    } else {
      printf("%.*s\n", (int)rule.name.length, rule.name.at);
    }
  }
}
