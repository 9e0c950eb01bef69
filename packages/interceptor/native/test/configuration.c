#include "units.h"

#include <strings.h>

/** Reads a copy of its own size: whoever reads beyond the end is found out. */
static bool read_text(const char *text, struct line *complaint) {
  static char *exact;
  size_t length = strlen(text);
  free(exact);
  exact = malloc(length == 0 ? 1 : length);
  memcpy(exact, text, length);
  forget_rules();
  complaint->length = 0;
  return configuration_read(exact, length, complaint);
}

static void expect_valid(const char *text) {
  struct line complaint;
  EXPECT(read_text(text, &complaint), "'%s': %.*s", text, (int)complaint.length, complaint.at);
  EXPECT(complaint.length == 0, "'%s'", text);
}

static void expect_invalid(const char *text, const char *expected) {
  struct line complaint;
  EXPECT(!read_text(text, &complaint), "'%s'", text);
  EXPECT(same((struct text){complaint.at, complaint.length}, text_of(expected)), "'%s': %.*s", text,
         (int)complaint.length, complaint.at);
}

static void defaults(void) {
  expect_valid("unplug=1;targets=0");
  EXPECT(configuration.behavior == REFUSE && configuration.timeout_ms == 3000, "behavior");
  EXPECT(configuration.percentage == 100 && configuration.seed == 0, "numbers");
  EXPECT(configuration.from == 0 && configuration.until == 0, "times");
  EXPECT(configuration.run.length == 0 && configuration.tally.length == 0 && configuration.ignored == 0, "texts");
  EXPECT(rules.everything && rules.count == 0 && strcmp(match("10.0.0.1", 1), "*") == 0, "everything");
}

static void all_of_it(void) {
  expect_valid("\r\n# a remark; ;\n  unplug=1 ;;behavior=timeout\n\ttimeout-ms=3600000\r\npercentage=0;seed=18446744073709551615;"
               "from=1;until=4294967295;run=A-Z.a_9;if-set=HOME;unless=VERSION=$LATEST 1;tally=/tmp/a tally;targets=2;target=DB.Internal.:5432;target=*.Example.com;"
               "known=DB.internal 10.0.0.5;known=a.example.com 2001:db8::5;known=other.test 10.0.0.6;"
               "exempt=10.0.0.0/30;exempt=[2001:db8::5]:443");
  EXPECT(configuration.behavior == TIMEOUT && configuration.timeout_ms == 3600000, "behavior");
  EXPECT(configuration.percentage == 0 && configuration.seed == UINT64_MAX, "dice");
  EXPECT(configuration.from == 1 && configuration.until == 4294967295u, "times");
  EXPECT(same(configuration.run, TEXT("A-Z.a_9")) && same(configuration.tally, TEXT("/tmp/a tally")), "texts");
  EXPECT(same(configuration.if_set, TEXT("HOME")), "if-set");
  EXPECT(same(configuration.unless, TEXT("VERSION=$LATEST 1")), "unless");
  EXPECT(rules.targets == 2 && rules.count == 4 && !rules.everything, "%d rules", rules.count);
  EXPECT(strcmp(match("10.0.0.5", 5432), "db.internal.:5432") == 0, "%s", match("10.0.0.5", 5432));
  EXPECT(strcmp(match("2001:db8::5", 80), "*.example.com") == 0, "%s", match("2001:db8::5", 80));
  EXPECT(strcmp(match("2001:db8::5", 443), "-") == 0, "exempt");
  EXPECT(strcmp(match("10.0.0.6", 5432), "-") == 0, "known, but of no target");
}

static void refused(void) {
  static const char *const entries[] = {
      "behavior=",      "behavior=Refuse",  "behavior=refused",  "timeout-ms=999",  "timeout-ms=3600001", "timeout-ms=1e3",
      "percentage=101", "percentage=-1",    "percentage=",       "seed=18446744073709551616", "until=0", "until=4294967296",
      "from=0",         "from=4294967296",  "from=",
      "run=",           "run=a b",          "if-set=",          "unless=",  "unless=A", "unless==a", "tally=relative",    "tally=",          "target=",      "target=a..b",
      "target=1.2.3",   "target=*",         "known=db",          "known=db 10.0.0", "exempt=db.internal",
      "exempt=",        "exempt=10.0.0.0/33", "behaviour=hang",  "junk",            "unplug=1",     "unplug=2",
      "targets=0",      "=",                "Behavior=hang",
  };
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
    char text[256], expected[256];
    snprintf(text, sizeof text, "unplug=1;targets=0;%s", entries[i]);
    snprintf(expected, sizeof expected, "entry 3 is not valid: %s", entries[i]);
    struct line complaint;
    EXPECT(!read_text(text, &complaint), "'%s'", text);
    // It stands there as it was understood: in lower case.
    EXPECT(strncasecmp(complaint.at, expected, strlen(expected)) == 0, "%.*s", (int)complaint.length, complaint.at);
  }
  expect_invalid("", "entry 0 is not valid: targets=");
  expect_invalid("# nothing", "entry 0 is not valid: targets=");
  expect_invalid("targets=0;unplug=1", "entry 1 is not valid: targets=0");
  expect_invalid("unplug=1", "entry 1 is not valid: targets=");
  expect_invalid("unplug=1;behavior=hang;behavior=hang;targets=0", "entry 3 is not valid: behavior=hang");
  expect_invalid("unplug=1;targets=2;target=a", "entry 3 is not valid: targets=");
  expect_invalid("unplug=1;targets=1;target=a;target=b", "entry 4 is not valid: targets=");
  expect_invalid("unplug=1\x01;targets=0", "entry 1 is not valid: unplug=1?");
  expect_invalid("unplug=1;run=0123456789012345678901234567890123456789012345678901234567890123456789;targets=0",
                 "entry 2 is not valid: run=012345678901234567890123456789012345");
}

/** More of them than there is room for: the first count, and the rest is known to be ignored. */
static void many(void) {
  static char text[200000];
  size_t length = (size_t)snprintf(text, sizeof text, "unplug=1\ntargets=5000\n");
  for (int i = 0; i < 5000; i++) length += (size_t)snprintf(text + length, sizeof text - length, "target=t%d.test\n", i);
  expect_valid(text);
  EXPECT(rules.targets == 4096 && configuration.ignored == 904, "%d targets", rules.targets);
  length = (size_t)snprintf(text, sizeof text, "unplug=1\ntargets=0\n");
  for (int i = 0; i < 64; i++) length += (size_t)snprintf(text + length, sizeof text - length, "exempt=10.0.0.%d\n", i);
  expect_valid(text);
  snprintf(text + length, sizeof text - length, "exempt=10.0.1.0");
  expect_invalid(text, "entry 67 is not valid: exempt=10.0.1.0");
}

static void from_the_environment(void) {
  expect_valid("unplug=1;targets=0");
  configuration_exempt(TEXT("10.0.0.9:9001"));
  configuration_exempt(TEXT("[2001:db8::9]:9001"));
  configuration_exempt(TEXT("not an address"));
  configuration_exempt(TEXT(""));
  configuration_exempt(TEXT("Runtime.test:9001"));
  struct endpoint resolver = endpoint_in("10.0.0.2", 53);
  configuration_exempt_endpoint(&resolver);
  learn("runtime.test", "10.0.0.8");
  static const struct {
    const char *address;
    uint16_t port;
    const char *found;
  } cases[] = {
      {"10.0.0.8", 9001, "-"},    {"10.0.0.8", 9002, "*"},    {"10.0.0.9", 9001, "-"},   {"10.0.0.9", 80, "*"},
      {"2001:db8::9", 9001, "-"}, {"2001:db8::9", 443, "*"}, {"10.0.0.2", 53, "-"},     {"10.0.0.2", 443, "*"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *found = match(cases[i].address, cases[i].port);
    EXPECT(strcmp(found, cases[i].found) == 0, "%s %d: %s", cases[i].address, cases[i].port, found);
  }
}

void test_configuration(void) {
  defaults();
  all_of_it();
  refused();
  many();
  from_the_environment();
}
