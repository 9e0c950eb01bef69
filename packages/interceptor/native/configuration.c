#include "configuration.h"

#include "rule-text.h"

struct configuration configuration;

/** Of a time: the year 2106. */
static const uint64_t most_seconds = 0xffffffff;

/** How far the reading has come. */
struct reading {
  uint32_t entry;
  uint32_t seen; // a bit for each key of `keys`
  uint64_t announced;
  uint64_t targets;
  uint32_t exemptions;
};

struct text behavior_name(enum behavior behavior) {
  static const char names[3][8] = {"refuse", "timeout", "hang"};
  return text_of(names[behavior]);
}

static void lower_all(struct text text) {
  char *at = (char *)text.at;
  for (size_t i = 0; i < text.length; i++) at[i] = lower(at[i]);
}

static bool read_target(struct text value, struct reading *reading) {
  struct rule rule = {.exempt = false};
  lower_all(value);
  if (!read_rule(value, &rule)) return false;
  rule.target = rules.targets;
  reading->targets++;
  if (rules.targets == MAX_TARGETS || !rules_add(&rule)) configuration.ignored++;
  else rules.targets++;
  return true;
}

static bool read_exempt(struct text value, struct reading *reading) {
  struct rule rule = {.exempt = true};
  bool fits = reading->exemptions++ < MAX_EXEMPTIONS;
  lower_all(value);
  return fits && read_rule(value, &rule) && rule.kind == KIND_RANGE && rules_add(&rule);
}

static bool read_known(struct text value) {
  struct matches matches;
  matches.count = 0;
  struct address address;
  size_t space;
  lower_all(value);
  if (!find(value, ' ', &space) || !is_name((struct text){value.at, space})) return false;
  if (!read_address(behind(value, space), &address)) return false;
  rules_match_name((struct text){value.at, space}, &matches);
  rules_learn(&matches, &address);
  return true;
}

static bool is_run(struct text run) {
  for (size_t i = 0; i < run.length; i++) {
    if (!is_name_byte(lower(run.at[i])) && run.at[i] != '.') return false;
  }
  return run.length > 0 && run.length <= 64;
}

enum key {
  KEY_UNPLUG,
  KEY_BEHAVIOR,
  KEY_TIMEOUT_MS,
  KEY_PERCENTAGE,
  KEY_SEED,
  KEY_FROM,
  KEY_UNTIL,
  KEY_RUN,
  KEY_IF_SET,
  KEY_UNLESS,
  KEY_TALLY,
  KEY_TARGETS,
  KEY_TARGET,
  KEY_KNOWN,
  KEY_EXEMPT,
  KEYS,
};

static const char keys[KEYS][11] = {"unplug", "behavior", "timeout-ms", "percentage", "seed",   "from",  "until", "run",
                                       "if-set", "unless",   "tally",      "targets",    "target", "known", "exempt"};

static bool read_behavior(struct text value) {
  for (int i = REFUSE; i <= HANG; i++) {
    if (!same(value, behavior_name((enum behavior)i))) continue;
    configuration.behavior = (enum behavior)i;
    return true;
  }
  return false;
}

static bool read_within(struct text value, uint32_t least, uint32_t most, uint32_t *number) {
  uint64_t read;
  if (!read_number(value, most, &read) || read < least) return false;
  *number = (uint32_t)read;
  return true;
}

/** Unix time; not 0, which means that there is none. */
static bool read_seconds(struct text value, uint64_t *seconds) {
  return read_number(value, most_seconds, seconds) && *seconds > 0;
}

static bool read_value(enum key key, struct text value, struct reading *reading) {
  size_t equals;
  switch (key) {
  case KEY_UNPLUG:
    return same(value, TEXT("1"));
  case KEY_BEHAVIOR:
    return read_behavior(value);
  case KEY_TIMEOUT_MS:
    return read_within(value, 1000, 3600000, &configuration.timeout_ms);
  case KEY_PERCENTAGE:
    return read_within(value, 0, 100, &configuration.percentage);
  case KEY_SEED:
    return read_number(value, UINT64_MAX, &configuration.seed);
  case KEY_FROM:
    return read_seconds(value, &configuration.from);
  case KEY_UNTIL:
    return read_seconds(value, &configuration.until);
  case KEY_RUN:
    configuration.run = value;
    return is_run(value);
  case KEY_IF_SET:
    configuration.if_set = value;
    return value.length > 0;
  case KEY_UNLESS:
    configuration.unless = value;
    return find(value, '=', &equals) && equals > 0;
  case KEY_TALLY:
    configuration.tally = value;
    return value.length > 0 && value.at[0] == '/';
  case KEY_TARGETS:
    return read_number(value, most_seconds, &reading->announced);
  case KEY_TARGET:
    return read_target(value, reading);
  case KEY_KNOWN:
    return read_known(value);
  default:
    return read_exempt(value, reading);
  }
}

static bool is_repeatable(enum key key) {
  return key == KEY_TARGET || key == KEY_KNOWN || key == KEY_EXEMPT;
}

static bool read_entry(struct text entry, struct reading *reading) {
  size_t equals;
  if (!find(entry, '=', &equals)) return false;
  struct text key = {entry.at, equals};
  enum key number = 0;
  while (number < KEYS && !same(key, text_of(keys[number]))) number++;
  bool is_second = (reading->seen >> number & 1) != 0 && !is_repeatable(number);
  bool is_first = reading->entry == 1;
  if (number == KEYS || is_second || is_first != (number == KEY_UNPLUG)) return false;
  reading->seen |= 1u << number;
  return read_value(number, behind(entry, equals), reading);
}

/** The next entry that is none of those skipped; false at the end. */
static bool next_entry(struct text *rest, struct text *entry) {
  while (rest->length > 0) {
    size_t end = 0;
    while (end < rest->length && rest->at[end] != ';' && rest->at[end] != '\n') end++;
    *entry = trimmed((struct text){rest->at, end});
    size_t taken = end < rest->length ? end + 1 : end;
    *rest = (struct text){rest->at + taken, rest->length - taken};
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
  if (valid && ((reading.seen >> KEY_TARGETS & 1) == 0 || reading.announced != reading.targets)) {
    valid = false;
    entry = TEXT("targets=");
  }
  if (!valid) {
    add_text(complaint, TEXT("entry "));
    add_number(complaint, reading.entry);
    add_text(complaint, TEXT(" is not valid: "));
    add_quoted(complaint, entry);
    return false;
  }
  rules.everything = reading.announced == 0;
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
  rule.port = endpoint->port;
  rules_add(&rule);
}
