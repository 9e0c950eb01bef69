#include "rules.h"

struct rules rules;

/** The last bytes of an address, in which neighbours differ, are the highest bits of its second word: fold them down. */
static inline __attribute__((always_inline)) uint32_t hash_address(const struct address *address, unsigned bits) {
  uint64_t value = address->words[0] * 31 + address->words[1] + bits;
  value = (value ^ value >> 32) * 0x9e3779b97f4a7c15u;
  return (uint32_t)(value >> 32);
}

/** FNV-1a, from the last byte to the first, so that the hashes of all suffixes of a name come in one pass. */
enum { FNV_START = 0x811c9dc5u, FNV_PRIME = 0x01000193u };

static uint32_t hash_byte(uint32_t hash, char c) {
  return (hash ^ (uint8_t)c) * (uint32_t)FNV_PRIME;
}

static uint32_t hash_name(struct text name) {
  uint32_t hash = FNV_START;
  for (size_t i = name.length; i > 0; i--) hash = hash_byte(hash, name.at[i - 1]);
  return hash;
}

/** The prefix of this length, noted as one that occurs. */
static const struct prefix *note_prefix(bool ipv4, uint32_t bits) {
  struct prefix *prefix = rules.prefixes[ipv4];
  struct prefix *end = prefix + rules.prefix_count[ipv4];
  while (prefix < end && prefix->bits != bits) prefix++;
  if (prefix < end) return prefix;
  rules.prefix_count[ipv4]++;
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

/** The first rule of a name; NOTHING when there is none. */
static int find_name(struct text name, uint32_t hash, enum kind kind) {
  for (uint32_t slot = hash % TABLE_SLOTS; rules.slots[slot] != 0; slot = (slot + 1) % TABLE_SLOTS) {
    int number = rules.slots[slot] - 1;
    const struct rule *rule = &rules.rule[number];
    if (rule->hash == hash && rule->kind == kind && same(rule->name, name)) return number;
  }
  return NOTHING;
}

bool rules_add(const struct rule *rule) {
  if (rules.count == MAX_RULES) return false;
  struct rule *mine = &rules.rule[rules.count];
  *mine = *rule;
  if (mine->kind == KIND_RANGE) {
    bool ipv4 = is_ipv4(&rule->network) && rule->bits >= 96;
    mine->network = masked(&rule->network, note_prefix(ipv4, rule->bits));
    mine->hash = hash_address(&mine->network, mine->bits);
  } else {
    mine->hash = hash_name(mine->name);
    rules.has_names = true;
    int first = find_name(mine->name, mine->hash, (enum kind)mine->kind);
    if (first != NOTHING) {
      mine->same = rules.rule[first].same;
      rules.rule[first].same = ++rules.count;
      return true;
    }
  }
  uint32_t slot = mine->hash % TABLE_SLOTS;
  while (rules.slots[slot] != 0) slot = (slot + 1) % TABLE_SLOTS;
  rules.slots[slot] = ++rules.count;
  return true;
}

static void match_hashed(struct text name, uint32_t hash, enum kind kind, struct matches *matches) {
  int number = find_name(name, hash, kind);
  if (number == NOTHING) return;
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
  if (!rules.has_names || name.length == 0 || name.length > sizeof lowered) return;
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
  uint32_t slot = hash_address(address, 128) % LEARNED_SLOTS;
  for (;; slot = (slot + 1) % LEARNED_SLOTS) {
    struct learned *entry = &rules.learned[slot];
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

/** Whether a rule, or one of the same name, ends the search: an exemption does; of the targets the first one stays. */
static bool settles(int *found, int number, uint16_t port) {
  for (; number >= 0; number = rules.rule[number].same - 1) {
    const struct rule *rule = &rules.rule[number];
    if (rule->port != 0 && rule->port != port) continue;
    if (rule->exempt) return true;
    if (*found == NOTHING) *found = number;
  }
  return false;
}

int rules_match(const struct endpoint *endpoint) {
  const struct address *address = &endpoint->address;
  int found = rules.everything ? EVERYTHING : NOTHING;
  bool ipv4 = is_ipv4(address);
  const struct prefix *end = rules.prefixes[ipv4] + rules.prefix_count[ipv4];
  for (const struct prefix *prefix = rules.prefixes[ipv4]; prefix < end; prefix++) {
    struct address network = masked(address, prefix);
    uint32_t hash = hash_address(&network, prefix->bits);
    for (uint32_t slot = hash % TABLE_SLOTS; rules.slots[slot] != 0; slot = (slot + 1) % TABLE_SLOTS) {
      int number = rules.slots[slot] - 1;
      const struct rule *rule = &rules.rule[number];
      bool here = rule->hash == hash && rule->kind == KIND_RANGE && rule->bits == prefix->bits;
      if (!here || !same_address(&rule->network, &network)) continue;
      if (settles(&found, number, endpoint->port)) return NOTHING;
    }
  }
  if (!rules.has_names) return found;
  uint32_t slot = hash_address(address, 128) % LEARNED_SLOTS;
  for (;; slot = (slot + 1) % LEARNED_SLOTS) {
    const struct learned *entry = &rules.learned[slot];
    uint32_t state = __atomic_load_n(&entry->state, __ATOMIC_ACQUIRE);
    if (state == 0) return found;
    if (state == 1 || !same_address(&entry->address, address)) continue;
    if (settles(&found, (int)state - 2, endpoint->port)) return NOTHING;
  }
}
