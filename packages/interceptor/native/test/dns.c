#include "units.h"

/** A message that is being written. */
static uint8_t message[4096];
static size_t length;

static void put_16(unsigned value) {
  message[length++] = (uint8_t)(value >> 8);
  message[length++] = (uint8_t)value;
}

/** A name in labels, ended by a zero, or with the offset of where it goes on. */
static void put_name(const char *name, int go_on_at) {
  while (*name != 0) {
    size_t size = strcspn(name, ".");
    message[length++] = (uint8_t)size;
    memcpy(message + length, name, size);
    length += size;
    name += size + (name[size] == '.');
  }
  if (go_on_at < 0) message[length++] = 0;
  else put_16(0xc000u | (unsigned)go_on_at);
}

static void begin(const char *question, unsigned answers) {
  memset(message, 0, sizeof message);
  length = 0;
  put_16(0x1234);
  put_16(0x8180);
  put_16(1);
  put_16(answers);
  put_16(0);
  put_16(0);
  put_name(question, -1);
  put_16(1);
  put_16(1);
}

/** Of the name of the question, at offset 12. */
static void put_record(unsigned type, unsigned class, const void *data, size_t size) {
  put_16(0xc00c);
  put_16(type);
  put_16(class);
  put_16(0);
  put_16(60);
  put_16((unsigned)size);
  memcpy(message + length, data, size);
  length += size;
}

static void put_alias(const char *name, int go_on_at) {
  put_record(5, 1, "", 0);
  size_t size_at = length - 2;
  put_name(name, go_on_at);
  size_t size = length - size_at - 2;
  message[size_at] = (uint8_t)(size >> 8);
  message[size_at + 1] = (uint8_t)size;
}

static const uint8_t four[4] = {10, 0, 0, 5};
static const uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 5};

/** Hands over a copy of the message, less what is cut off, of its own size; 10.0.0.5 and 2001:db8::5 are in it. */
static void learn_from(size_t size) {
  static uint8_t *exact;
  free(exact);
  exact = malloc(size == 0 ? 1 : size);
  memcpy(exact, message, size);
  EXPECT(dns_learn(exact, size), "there is room");
}

static bool is_blocked(const char *address) {
  return strcmp(match(address, 443), "-") != 0;
}

static void begin_with_rules(const char *question, unsigned answers) {
  forget_rules();
  add_rule("db.test", false);
  add_rule("*.wild.test", false);
  begin(question, answers);
}

static void addresses(void) {
  static const struct {
    const char *question;
    bool learned;
  } cases[] = {{"db.test", true},      {"DB.Test", true},       {"a.wild.test", true}, {"a.b.wild.test", true},
               {"wild.test", false},   {"other.test", false},   {"db.test.other", false}, {"xdb.test", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    begin_with_rules(cases[i].question, 2);
    put_record(1, 1, four, 4);
    put_record(28, 1, six, 16);
    learn_from(length);
    EXPECT(is_blocked("10.0.0.5") == cases[i].learned, "%s", cases[i].question);
    EXPECT(is_blocked("2001:db8::5") == cases[i].learned, "%s", cases[i].question);
    EXPECT(!is_blocked("10.0.0.6"), "%s", cases[i].question);
  }
}

/** Whatever name of the chain is the target, and wherever in the answer it stands. */
static void aliases(void) {
  begin_with_rules("www.test", 4);
  put_alias("edge.test", -1);
  put_alias("db", 16); // "test" of the question
  put_record(1, 1, four, 4);
  put_alias("end.test", -1);
  learn_from(length);
  EXPECT(is_blocked("10.0.0.5"), "in the middle of the chain");
  begin_with_rules("www.test", 2);
  put_record(1, 1, four, 4);
  put_alias("x.wild.test", -1);
  learn_from(length);
  EXPECT(is_blocked("10.0.0.5"), "behind the address");
  begin_with_rules("www.test", 2);
  put_alias("end.test", -1);
  put_record(1, 1, four, 4);
  learn_from(length);
  EXPECT(!is_blocked("10.0.0.5"), "of another name");
}

static void not_learned(void) {
  begin_with_rules("db.test", 4);
  put_record(1, 3, four, 4);   // class CH
  put_record(1, 1, six, 5);    // no four bytes
  put_record(28, 1, four, 4);  // no sixteen
  put_record(16, 1, four, 4);  // TXT
  learn_from(length);
  EXPECT(rules.learned_count == 0, "%u learned", rules.learned_count);
  begin_with_rules("db.test", 0);
  put_record(1, 1, four, 4); // of another section
  learn_from(length);
  EXPECT(rules.learned_count == 0, "%u learned", rules.learned_count);
  begin_with_rules("db.test", 1);
  put_record(1, 1, four, 4);
  message[2] = 0x01; // a question
  learn_from(length);
  EXPECT(rules.learned_count == 0, "%u learned", rules.learned_count);
  begin_with_rules("db.test", 1);
  put_record(1, 1, four, 4);
  message[5] = 2; // two questions
  learn_from(length);
  EXPECT(!is_blocked("10.0.0.5"), "%u learned", rules.learned_count);
}

static void cut_off(void) {
  begin_with_rules("db.test", 3);
  put_alias("end.test", -1);
  put_record(1, 1, four, 4);
  size_t four_end = length;
  put_record(28, 1, six, 16);
  for (size_t size = 0; size <= length; size++) {
    memset(&rules.learned, 0, sizeof rules.learned);
    rules.learned_count = 0;
    learn_from(size);
    EXPECT(is_blocked("10.0.0.5") == (size >= four_end), "%zu bytes", size);
    EXPECT(is_blocked("2001:db8::5") == (size == length), "%zu bytes", size);
  }
}

static void hostile_names(void) {
  begin_with_rules("db.test", 2);
  put_alias("", (int)length); // the alias points at itself
  put_record(1, 1, four, 4);
  learn_from(length);
  EXPECT(is_blocked("10.0.0.5"), "a loop as alias is skipped");
  begin_with_rules("", 1);
  length = 12;
  put_16(0xc00c); // the question points at itself
  put_16(1);
  put_16(1);
  put_record(1, 1, four, 4);
  learn_from(length);
  EXPECT(rules.learned_count == 0, "a loop as question");
  // A dot in a label is no end of it: "db.test" as one label is another name than db.test.
  begin_with_rules("", 1);
  length = 12;
  memcpy(message + length, "\7db.test", 9);
  length += 9;
  put_16(1);
  put_16(1);
  put_record(1, 1, four, 4);
  learn_from(length);
  EXPECT(rules.learned_count == 0, "a dot in a label");
  char name[300] = "";
  for (int i = 0; i < 4; i++) strcat(name, "a23456789.b23456789.c23456789.d23456789.e23456789.");
  strcat(name, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.wild.test");
  begin_with_rules(name, 1);
  put_record(1, 1, four, 4);
  learn_from(length);
  EXPECT(is_blocked("10.0.0.5") == (strlen(name) <= 253), "%zu bytes", strlen(name));
}

void test_dns(void) {
  addresses();
  aliases();
  not_learned();
  cut_off();
  hostile_names();
}
