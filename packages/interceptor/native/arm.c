#include "arm.h"

#include <fcntl.h>

#include "configuration.h"
#include "decide.h"
#include "fuse.h"
#include "next.h"
#include "rule-text.h"
#include "say.h"
#include "sys.h"
#include "tally.h"
#include "turn.h"

extern char **environ __attribute__((weak));

enum state { UNARMED, ARMED, INERT };

enum { MOST_PATH = 4096, MOST_RESOLV_CONF = 8192 };

static uint32_t state;
/** One byte more, so that a value can be ended by a zero. */
static char configuration_text[MAX_CONFIGURATION + 1];

/** The value of a variable of the environment; `at` is NULL when it is not set. */
static struct text variable(struct text name) {
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
    struct text text = text_of(*entry);
    if (!starts_with(text, name) || text.at[name.length] != '=') continue;
    return (struct text){text.at + name.length + 1, text.length - name.length - 1};
  }
  return (struct text){NULL, 0};
}

static bool has_entry(struct text wanted) {
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
    if (same(text_of(*entry), wanted)) return true;
  }
  return false;
}

/** Reads at most `room` bytes of a file; -1 when it cannot be opened, `room` when it is longer. */
static long read_file(const char *path, char *to, size_t room) {
  long file = sys6(AT_FDCWD, at(path), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0, 0, 0, SYS_openat);
  if (file < 0) return -1;
  size_t length = 0;
  while (length < room) {
    long got = sys3(file, at(to + length), (long)(room - length), SYS_read);
    if (got <= 0) break;
    length += (size_t)got;
  }
  sys3(file, 0, 0, SYS_close);
  return (long)length;
}

/** The path of this object with `.conf` for its last three bytes; false when it is not known. */
static bool path_beside(char path[MOST_PATH]) {
  const char *own = next_own_path();
  struct text name = own == NULL ? TEXT("") : text_of(own);
  if (name.length < 4 || name.length + 3 > MOST_PATH) return false;
  memcpy(path, name.at, name.length - 3);
  memcpy(path + name.length - 3, ".conf", 6);
  return true;
}

/** Says why nothing is blocked: that, and the rest of the line that `more` holds. */
static bool inert(struct text why, struct text more) {
  struct line line;
  line_begin(&line, TEXT("inert"));
  add_text(&line, TEXT(" reason="));
  add_text(&line, why);
  add_text(&line, more);
  line_say(&line);
  tally_count(TALLY_INERT);
  return false;
}

/** Gets the text of the configuration and its length; -1 when there is none. */
static long read_text(void) {
  static char path[MOST_PATH];
  struct text value = variable(TEXT("UNPLUG_INTERCEPTOR"));
  if (value.at == NULL) return path_beside(path) ? read_file(path, configuration_text, MAX_CONFIGURATION) : -1;
  size_t length = value.length < MAX_CONFIGURATION ? value.length : MAX_CONFIGURATION;
  memcpy(configuration_text, value.at, length);
  return (long)length;
}

/** A look-up that is too long for UDP goes on over TCP: names must stay resolvable. Source: resolv.conf(5). */
static void exempt_resolvers(void) {
  static char text[MOST_RESOLV_CONF];
  struct text key = TEXT("nameserver");
  long length = read_file("/etc/resolv.conf", text, sizeof text);
  int count = 0;
  for (long i = 0; i < length && count < 8;) {
    long end = i;
    while (end < length && text[end] != '\n') end++;
    struct text entry = trimmed((struct text){text + i, (size_t)(end - i)});
    struct endpoint resolver = {.port = 53};
    if (starts_with(entry, key)) {
      struct text address = trimmed((struct text){entry.at + key.length, entry.length - key.length});
      size_t end_of_address;
      if (find(address, ' ', &end_of_address)) address.length = end_of_address;
      if (read_address(address, &resolver.address)) {
        configuration_exempt_endpoint(&resolver);
        count++;
      }
    }
    i = end + 1;
  }
}

static void say_armed(void) {
  struct line line;
  line_begin(&line, TEXT("armed"));
  if (configuration.run.length > 0) {
    add_text(&line, TEXT(" run="));
    add_text(&line, configuration.run);
  }
  add_text(&line, TEXT(" behavior="));
  add_text(&line, behavior_name(configuration.behavior));
  add_text(&line, TEXT(" targets="));
  add_number(&line, rules.targets);
  if (configuration.until != 0) {
    add_text(&line, TEXT(" until="));
    add_number(&line, configuration.until);
  }
  line_say(&line);
  if (configuration.ignored > 0) warn(TEXT("the table of targets is full (4096); later ones are not blocked"));
  if (rules.is_full_said) say_full(); // by the entries known ahead, when nothing could be said yet
}

static bool read_configuration(void) {
  struct line complaint;
  complaint.length = 0;
  say_begin();
  long length = read_text();
  if (length < 0) return inert(TEXT("no UNPLUG_INTERCEPTOR, and no .conf beside the object"), TEXT(""));
  if (length == MAX_CONFIGURATION) return inert(TEXT("the configuration is too long"), TEXT(""));
  bool valid = configuration_read(configuration_text, (size_t)length, &complaint);
  tally_open(configuration.tally);
  if (!valid) {
    return inert(TEXT("configuration: "), (struct text){complaint.at, complaint.length});
  }
  // Somebody else's program, which has nothing to be told.
  if (configuration.if_set.length > 0 && variable(configuration.if_set).at == NULL) return false;
  if (configuration.unless.length > 0 && has_entry(configuration.unless)) return false;
  if (!fuse_light(configuration.until)) return inert(TEXT("the time in until has passed"), TEXT(""));
  configuration_exempt(variable(TEXT("AWS_LAMBDA_RUNTIME_API")));
  exempt_resolvers();
  decide_identity(variable(TEXT("AWS_LAMBDA_LOG_STREAM_NAME")), tally_count(TALLY_ARMED));
  say_armed();
  return true;
}

bool arm(void) {
  static uint64_t turn;
  static bool is_begun;
  uint32_t now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
  if (now != UNARMED || !turn_take(&turn)) return now == ARMED;
  now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
  if (now == UNARMED) {
    // This process was forked off while another thread was reading: what that one has read is half.
    if (is_begun) memset(&rules, 0, sizeof rules);
    is_begun = true;
    now = read_configuration() ? ARMED : INERT;
    __atomic_store_n(&state, now, __ATOMIC_RELEASE);
  }
  turn_give(&turn);
  return now == ARMED;
}
