#include "rules.h"

struct rules rules;

/** The object is to be fast, and the hook small. */
#ifdef SMALL
#define IN_PLACE
#else
#define IN_PLACE inline __attribute__((always_inline))
#endif

/** The last bytes of an address, in which neighbours differ, are the highest bits of its second word: fold them down. */
static IN_PLACE uint32_t hash_address(const struct address *address, unsigned bits) {
  uint64_t value = address->words[0] * 31 + address->words[1] + bits;
  value = (value ^ value >> 32) * 0x9e3779b97f4a7c15u;
  return (uint32_t)(value >> 32);
}

/** FNV-1a, from the last byte to the first, so that the hashes of all suffixes of a name come in one pass. */
enum { FNV_START = 0x811c9dc5u, FNV_PRIME = 0x01000193u };

static uint32_t hash_byte(uint32_t hash, char c) {
  return (hash ^ (uint8_t)c) * (uint32_t)FNV_PRIME;
}

/** The prefix of this length, noted as one that occurs. */
static const struct prefix *note_prefix(bool ipv4, uint32_t bits) {
  struct prefix *prefix = rules.prefixes[ipv4];
  for (; prefix->is_there; prefix++) {
    if (prefix->bits == bits) return prefix;
  }
  prefix->is_there = true;
  prefix->bits = bits;
  for (uint32_t i = 0; i < bits; i++) prefix->mask.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
  return prefix;
}

static struct address masked(const struct address *address, const struct prefix *prefix) {
  struct address result = *address;
  result.words[0] &= prefix->mask.words[0];
  result.words[1] &= prefix->mask.words[1];
  return result;
}

/** The slot of the first rule of this kind, about the same network or name, or the empty one that it would have. */
static uint16_t *slot_for(const struct rule *like) {
  for (uint32_t slot = like->hash;; slot++) {
    uint16_t *found = &rules.slots[slot % TABLE_SLOTS];
    if (*found == 0) return found;
    const struct rule *rule = &rules.rule[*found - 1];
    if (rule->hash != like->hash || rule->kind != like->kind || rule->bits != like->bits) continue;
    if (like->kind == KIND_RANGE ? same_address(&rule->network, &like->network) : same(rule->name, like->name)) return found;
  }
}

bool rules_add(const struct rule *rule) {
  if (rules.count == MAX_RULES) return false;
  struct rule *mine = &rules.rule[rules.count];
  *mine = *rule;
  if (mine->kind == KIND_RANGE) {
    bool ipv4 = is_ipv4(&mine->network) && mine->bits >= 96;
    mine->network = masked(&mine->network, note_prefix(ipv4, mine->bits));
    mine->hash = hash_address(&mine->network, mine->bits);
  } else {
    mine->hash = FNV_START;
    for (size_t i = mine->name.length; i > 0; i--) mine->hash = hash_byte(mine->hash, mine->name.at[i - 1]);
    rules.has_names = true;
  }
  uint16_t *slot = slot_for(mine);
  while (*slot != 0) slot = &rules.rule[*slot - 1].same;
  *slot = ++rules.count;
  return true;
}

static void match_hashed(struct text name, uint32_t hash, enum kind kind, struct matches *matches) {
  struct rule like;
  like.name = name;
  like.kind = (uint8_t)kind;
  like.bits = 0;
  like.hash = hash;
  int number = *slot_for(&like) - 1;
  if (number < 0) return;
  for (int i = 0; i < matches->count; i++) {
    if (matches->rules[i] == number) return;
  }
  if (matches->count < (int)(sizeof matches->rules / sizeof matches->rules[0])) {
    matches->rules[matches->count++] = (uint16_t)number;
  }
}

void rules_match_name(struct text name, struct matches *matches) {
  char lowered[MAX_NAME];
  if (name.length > 0 && name.at[name.length - 1] == '.') name.length--;
  if (name.length - 1 >= sizeof lowered) return;
  uint32_t hash = FNV_START;
  for (size_t i = name.length; i > 0; i--) {
    char c = lowered[i - 1] = lower(name.at[i - 1]);
    if (c == '.' && i > 1) {
      match_hashed((struct text){lowered + i, name.length - i}, hash, KIND_SUFFIX, matches);
    }
    hash = hash_byte(hash, c);
  }
  match_hashed((struct text){lowered, name.length}, hash, KIND_NAME, matches);
}

/** Puts one pair into the table, unless it is there. Threads may do so at the same time, and read meanwhile. */
static bool learn_one(uint32_t state, const struct address *address) {
  for (uint32_t slot = hash_address(address, 128);; slot++) {
    struct learned *entry = &rules.learned[slot % LEARNED_SLOTS];
    uint32_t seen = __atomic_load_n(&entry->state, __ATOMIC_ACQUIRE);
    if (seen == state && same_address(&entry->address, address)) return true;
    if (seen != 0) continue;
    if (__atomic_load_n(&rules.learned_count, __ATOMIC_RELAXED) >= MAX_LEARNED) return false;
    if (!__atomic_compare_exchange_n(&entry->state, &seen, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
      continue;
    }
    entry->address = *address;
    __atomic_store_n(&entry->state, state, __ATOMIC_RELEASE);
    __atomic_fetch_add(&rules.learned_count, 1, __ATOMIC_RELAXED);
    return true;
  }
}

bool rules_learn(const struct matches *matches, const struct address *address) {
  bool has_room = true;
  for (int i = 0; i < matches->count; i++) {
    if (!learn_one(matches->rules[i] + 2u, address)) has_room = false;
  }
  return has_room || __atomic_exchange_n(&rules.is_full_said, true, __ATOMIC_RELAXED);
}

enum { EXEMPT = -3 };

/** What is found with this rule, or one about the same: an exemption ends the search; of the targets the first one stays. */
static int settle(int found, int number, const struct endpoint *endpoint) {
  for (; number >= 0; number = rules.rule[number].same - 1) {
    const struct rule *rule = &rules.rule[number];
    if (rule->port != 0 && rule->port != endpoint->port) continue;
    if (rule->exempt) return EXEMPT;
    if (found == NOTHING) found = number;
  }
  return found;
}

int rules_match(const struct endpoint *endpoint) {
  const struct address *address = &endpoint->address;
  int found = rules.everything ? EVERYTHING : NOTHING;
  bool ipv4 = is_ipv4(address);
  for (const struct prefix *prefix = rules.prefixes[ipv4]; prefix->is_there; prefix++) {
    // As slot_for does, in place: this is what every connect goes through.
    struct address network = masked(address, prefix);
    uint32_t hash = hash_address(&network, prefix->bits);
    for (uint32_t slot = hash;; slot++) {
      int number = rules.slots[slot % TABLE_SLOTS] - 1;
      if (number < 0) break;
      const struct rule *rule = &rules.rule[number];
      if (rule->hash != hash || rule->kind != KIND_RANGE || rule->bits != prefix->bits) continue;
      if (!same_address(&rule->network, &network)) continue;
      found = settle(found, number, endpoint);
      if (found == EXEMPT) return NOTHING;
      break;
    }
  }
  if (!rules.has_names) return found;
  for (uint32_t slot = hash_address(address, 128);; slot++) {
    const struct learned *entry = &rules.learned[slot % LEARNED_SLOTS];
    uint32_t state = __atomic_load_n(&entry->state, __ATOMIC_ACQUIRE);
    if (state == 0) return found;
    if (state == 1 || !same_address(&entry->address, address)) continue;
    found = settle(found, (int)state - 2, endpoint);
    if (found == EXEMPT) return NOTHING;
  }
}
