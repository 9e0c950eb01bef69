#include "arm.h"

#include "configuration.h"
#include "decide.h"
#include "environment.h"
#include "fuse.h"
#include "say.h"
#include "tally.h"
#include "told.h"
#include "turn.h"

enum state { UNARMED, ARMED, INERT };

static uint32_t state;

/** Says why nothing is blocked: that, and the rest of the line that `more` holds. */
static bool inert(struct text why, struct text more) {
  say_reason(TEXT("inert"), why, more);
  tally_count(TALLY_INERT);
  return false;
}

static void say_armed(void) {
  struct line line;
  line_begin(&line, TEXT("armed"));
  if (configuration.run.length > 0) add_field(&line, " run=", configuration.run);
  add_behavior(&line);
  add_count(&line, " targets=", rules.targets);
  if (configuration.until != 0) add_count(&line, " until=", configuration.until);
  line_say(&line);
  if (configuration.ignored > 0) warn(TEXT("the table of targets is full (4096); later ones are not blocked"));
  if (rules.is_full_said) say_full(); // by the entries known ahead, when nothing could be said yet
}

static bool read_configuration(void) {
  struct line complaint;
  complaint.length = 0;
  say_begin();
  char *text;
  struct text why_not = {NULL, 0};
  long length = told_text(&text, &why_not);
  if (length < 0) return why_not.length > 0 && inert(why_not, TEXT(""));
  if (length == MAX_CONFIGURATION) return inert(TEXT("the configuration is too long"), TEXT(""));
  bool valid = configuration_read(text, (size_t)length, &complaint);
  tally_open(configuration.tally);
  if (!valid) {
    return inert(TEXT("configuration: "), (struct text){complaint.at, complaint.length});
  }
  // Somebody else's program, which has nothing to be told.
  if (configuration.if_set.length > 0 && variable(configuration.if_set).at == NULL) return false;
  if (configuration.unless.length > 0 && has_entry(configuration.unless)) return false;
  if (!fuse_light(configuration.from, configuration.until)) return inert(TEXT("the time in until has passed"), TEXT(""));
  configuration_exempt(variable(TEXT("AWS_LAMBDA_RUNTIME_API")));
  told_exemptions();
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

bool is_inert(void) {
  return __atomic_load_n(&state, __ATOMIC_RELAXED) == INERT;
}
