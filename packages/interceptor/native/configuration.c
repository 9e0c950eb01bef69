#include "configuration.h"

#include "rule-text.h"

struct configuration configuration;

/** How far the reading has come. */
struct reading {
  uint32_t entry;
  uint32_t seen; // a bit for each key of `keys`
  uint32_t exemptions;
};

static const char behaviors[3][8] = {"refuse", "timeout", "hang"};

void add_behavior(struct line *line) {
  add_field(line, " behavior=", text_of(behaviors[configuration.behavior]));
}

static void lower_all(struct text text) {
  char *at = (char *)text.at;
  for (size_t i = 0; i < text.length; i++) at[i] = lower(at[i]);
}

static bool read_one(struct text value, bool exempt, struct reading *reading) {
  struct rule rule = {.exempt = (uint8_t)exempt, .target = rules.targets};
  if (!read_rule(value, &rule)) return false;
  if (exempt) return reading->exemptions++ < MAX_EXEMPTIONS && rule.kind == KIND_RANGE && rules_add(&rule);
  if (rules.targets == MAX_TARGETS || !rules_add(&rule)) configuration.ignored++;
  else rules.targets++;
  return true;
}

static bool read_known(struct text value) {
  struct matches matches;
  matches.count = 0;
  struct address address;
  struct text name = cut(&value, ' ');
  if (!is_name(name) || read_address(value, &address) == 0) return false;
  rules_match_name(name, &matches);
  rules_learn(&matches, &address);
  return true;
}

static bool is_run(struct text run) {
  for (size_t i = 0; i < run.length; i++) {
    if (!is_name_byte(lower(run.at[i])) && run.at[i] != '.') return false;
  }
  return run.length <= 64;
}

/** First those that are numbers, then those that are kept as they are, and at the end those that may stand more than once. */
enum key {
  KEY_TARGETS = 4,
  KEY_SEED = 5,
  KEY_TALLY = 6,
  KEY_RUN = 8,
  KEY_UNLESS = 9,
  KEY_UNPLUG = 10,
  KEY_BEHAVIOR,
  KEY_TARGET,
  KEY_KNOWN,
  KEY_EXEMPT,
  KEYS,
};

/** Each ended by a zero, in the order of the numbers. */
static const char keys[] = "timeout-ms\0percentage\0from\0until\0targets\0seed\0tally\0if-set\0run\0unless\0unplug\0behavior\0"
                           "target\0known\0exempt";

/** Of the numbers; that of `seed` is any. The year 2106 is the last one. */
static const struct {
  uint32_t least, most;
} limits[] = {{1000, 3600000}, {0, 100}, {1, 0xffffffff}, {1, 0xffffffff}, {0, 0xffffffff}};

static bool read_text(enum key key, struct text value) {
  configuration.texts[key - KEY_TALLY] = value;
  if (value.length == 0) return false;
  if (key == KEY_TALLY) return value.at[0] == '/';
  if (key == KEY_RUN) return is_run(value);
  return key != KEY_UNLESS || (cut(&value, '=').length > 0 && value.at != NULL);
}

static bool read_behavior(struct text value) {
  for (int i = REFUSE; i <= HANG; i++) {
    configuration.behavior = (enum behavior)i;
    if (same(value, text_of(behaviors[i]))) return true;
  }
  return false;
}

static bool read_value(enum key key, struct text value, struct reading *reading) {
  if (key <= KEY_SEED) {
    uint64_t *number = &configuration.numbers[key];
    if (key == KEY_SEED) return read_number(value, UINT64_MAX, number);
    return read_number(value, limits[key].most, number) && *number >= limits[key].least;
  }
  if (key < KEY_UNPLUG) return read_text(key, value);
  if (key == KEY_UNPLUG) return same(value, TEXT("1"));
  if (key == KEY_BEHAVIOR) return read_behavior(value);
  lower_all(value);
  return key == KEY_KNOWN ? read_known(value) : read_one(value, key == KEY_EXEMPT, reading);
}

static bool read_entry(struct text entry, struct reading *reading) {
  struct text key = cut(&entry, '=');
  enum key number = 0;
  if (entry.at == NULL) return false;
  for (struct text name = text_of(keys); !same(key, name); name = text_of(name.at + name.length + 1)) {
    if (++number == KEYS) return false;
  }
  bool is_second = number < KEY_TARGET && (reading->seen >> number & 1) != 0;
  if (is_second || (reading->entry == 1) != (number == KEY_UNPLUG)) return false;
  reading->seen |= 1u << number;
  return read_value(number, entry, reading);
}

/** The next entry that is none of those skipped; false at the end. */
static bool next_entry(struct text *rest, struct text *entry) {
  while (rest->length > 0) {
    size_t end = 0;
    while (end < rest->length && rest->at[end] != ';' && rest->at[end] != '\n') end++;
    *entry = trimmed((struct text){rest->at, end});
    if (end < rest->length) end++;
    rest->at += end;
    rest->length -= end;
    if (entry->length > 0 && entry->at[0] != '#') return true;
  }
  return false;
}

bool configuration_read(char *text, size_t length, struct line *complaint) {
  struct reading reading = {0};
  struct text rest = {text, length}, entry = {text, 0};
  bool valid = true;
  configuration = (struct configuration){.timeout_ms = 3000, .percentage = 100};
  while (valid && next_entry(&rest, &entry)) {
    reading.entry++;
    valid = read_entry(entry, &reading);
  }
  if (valid && ((reading.seen >> KEY_TARGETS & 1) == 0 || configuration.announced != rules.targets + configuration.ignored)) {
    valid = false;
    entry = TEXT("targets=");
  }
  if (!valid) {
    add_count(complaint, "entry ", reading.entry);
    add_text(complaint, TEXT(" is not valid: "));
    add_quoted(complaint, entry);
    return false;
  }
  rules.everything = configuration.announced == 0;
  return true;
}

void configuration_exempt(struct text text) {
  static char kept[MAX_NAME + 8]; // what the environment holds may be overwritten by the program
  struct rule rule = {.exempt = true};
  if (text.at == NULL || text.length > sizeof kept) return;
  memcpy(kept, text.at, text.length);
  text.at = kept;
  lower_all(text);
  if (read_rule(text, &rule)) rules_add(&rule);
}

void configuration_exempt_endpoint(const struct endpoint *endpoint) {
  struct rule rule = {.exempt = true, .kind = KIND_RANGE, .network = endpoint->address, .bits = 128};
  rule.port = (uint16_t)endpoint->port;
  rules_add(&rule);
}
