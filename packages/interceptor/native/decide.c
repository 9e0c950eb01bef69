#include "decide.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "configuration.h"
#include "fuse.h"
#include "say.h"
#include "socket-option.h"
#include "sys.h"
#include "tally.h"

enum {
  ALWAYS_SAID = 100,
  SAID_EVERY_MS = 1000,
  PROTOCOL_MPTCP = 262,
};

/** The process in the upper half, its count in the lower: one that was forked off begins anew. */
static uint64_t blocked_count;
static uint64_t dice_count;
static long dice_process;
static uint64_t said_at_ms;
static uint64_t identity_hash;

void decide_identity(struct text environment, uint64_t ordinal) {
  identity_hash = ordinal;
  for (size_t i = 0; i < environment.length; i++) {
    identity_hash = (identity_hash ^ (uint8_t)environment.at[i]) * 0x100000001b3u;
  }
}

/** A connect that the kernel would begin: not what it answers itself, a connection under way or a family that does not fit. */
static bool is_fresh_tcp(int socket, const struct endpoint *endpoint) {
  int protocol = socket_option(socket, SOL_SOCKET, SO_PROTOCOL);
  if (protocol != IPPROTO_TCP && protocol != PROTOCOL_MPTCP) return false;
  if (socket_option(socket, SOL_SOCKET, SO_DOMAIN) != endpoint->family) return false;
  bool is_mapped = endpoint->family == AF_INET6 && is_ipv4(&endpoint->address);
  if (is_mapped && socket_option(socket, IPPROTO_IPV6, IPV6_V6ONLY) == 1) return false;
  // The state is the first byte of struct tcp_info; MPTCP had none before Linux 5.16.
  int info = socket_option(socket, IPPROTO_TCP, TCP_INFO);
  return info == -1 || (info & 0xff) == TCP_CLOSE;
}

/** A process that was forked off begins anew, in a way of its own. */
static void throw_anew(void) {
  bool is_forked = dice_process != 0;
  dice_process = own_process();
  if (!is_forked) return;
  identity_hash += (tally_count(TALLY_FORKED) + 1) << 32;
  dice_count = 0;
}

/** SplitMix64 over the number of the attempt: the same seed and the same order of attempts decide alike. */
static bool dice_spare(void) {
  if (configuration.percentage >= 100) return false;
  if (own_process() != dice_process) throw_anew();
  uint64_t number = __atomic_fetch_add(&dice_count, 1, __ATOMIC_RELAXED) + 1;
  uint64_t value = (configuration.seed ^ identity_hash) + number * 0x9e3779b97f4a7c15u;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  value ^= value >> 31;
  return (value >> 32) * 100 >> 32 >= configuration.percentage;
}

/** The first hundred, and after them one a second: a log that is flooded hides what it should show. */
static bool may_say(uint64_t number) {
  if (number <= ALWAYS_SAID) return true;
  uint64_t now = uptime_ms();
  uint64_t last = __atomic_load_n(&said_at_ms, __ATOMIC_RELAXED);
  if (now - last < SAID_EVERY_MS) return false;
  return __atomic_compare_exchange_n(&said_at_ms, &last, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static uint64_t count_blocked(void) {
  uint64_t process = (uint64_t)own_process() << 32;
  uint64_t before = __atomic_load_n(&blocked_count, __ATOMIC_RELAXED), after;
  do {
    after = (before >> 32 << 32 == process ? before : process) + 1;
  } while (!__atomic_compare_exchange_n(&blocked_count, &before, after, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return (uint32_t)after;
}

static void say_blocked(int rule, const struct endpoint *endpoint) {
  uint64_t number = count_blocked();
  struct line line;
  if (!may_say(number)) return;
  line_begin(&line, TEXT("blocked"));
  add_count(&line, " n=", number);
  add_behavior(&line);
  add_text(&line, TEXT(" to="));
  add_endpoint(&line, endpoint);
  add_field(&line, " target=", rule == EVERYTHING ? TEXT("*") : rules.rule[rule].text);
  line_say(&line);
}

const struct detour *decide(int socket, const struct endpoint *endpoint) {
  int rule = is_always_allowed(&endpoint->address) ? NOTHING : rules_match(endpoint);
  const struct detour *detour = NULL;
  enum tally_counter counter = TALLY_OTHER;
  if (rule != NOTHING && fuse_is_burning() && is_fresh_tcp(socket, endpoint)) {
    if (dice_spare()) counter = TALLY_SPARED;
    else detour = hole_detour(socket, endpoint->family, is_ipv4(&endpoint->address));
  }
  if (detour == NULL) {
    tally_count(counter);
    return NULL;
  }
  tally_blocked(rule);
  say_blocked(rule, endpoint);
  return detour;
}
