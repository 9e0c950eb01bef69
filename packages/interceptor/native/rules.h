// What is blocked, as hash tables in static memory: a look-up costs the same with three targets and with a thousand.
#pragma once
#include "address.h"

enum {
  MAX_TARGETS = 4096,
  MAX_EXEMPTIONS = 64,
  /** Of the configuration, of AWS_LAMBDA_RUNTIME_API and of the resolvers. */
  MAX_RULES = MAX_TARGETS + MAX_EXEMPTIONS + 16,
  MAX_LEARNED = 4096,
  /** Twice the entries, so that a probe finds an empty slot soon. */
  TABLE_SLOTS = 16384,
  LEARNED_SLOTS = 8192,
  MAX_NAME = 253,
};

/** Answers of rules_match beside the number of a rule. */
enum { NOTHING = -1, EVERYTHING = -2 };

enum kind { KIND_NAME, KIND_SUFFIX, KIND_RANGE };

/** A target, or an exemption. */
struct rule {
  union {
    struct address network; // KIND_RANGE
    struct text name;       // KIND_NAME, and KIND_SUFFIX less its `*.`; lower-case
  };
  struct text text; // as it is logged
  uint32_t hash;
  uint16_t port;   // 0: every port
  uint16_t target; // its number among the targets, from 0
  uint16_t same;   // number + 1 of another rule of the same name, with another port; 0: none
  uint8_t bits; // of `network`, of 128
  uint8_t kind;
  uint8_t exempt;
};

/** What one look-up is about: the first rule of each name. */
struct matches {
  int count;
  uint16_t rules[32];
};

struct prefix {
  struct address mask;
  uint32_t bits; // of 128
  bool is_there;
};

struct learned {
  struct address address;
  uint32_t state; // 0: empty, 1: being written, else the number of the rule + 2
};

struct rules {
  bool everything; // there are no targets: all is blocked but the exemptions
  bool has_names;
  bool is_full_said;
  uint16_t count;
  uint16_t targets;
  uint32_t learned_count;
  /** The prefixes that occur, for IPv6 and for IPv4, up to one that is not there: a look-up costs a probe for each. */
  struct prefix prefixes[2][130];
  struct rule rule[MAX_RULES];
  uint16_t slots[TABLE_SLOTS]; // number of the rule + 1
  struct learned learned[LEARNED_SLOTS];
};

extern struct rules rules;

/** Takes a rule in; false when there is no room. Its number is rules.count - 1 then. */
bool rules_add(const struct rule *rule);

/** Adds the targets (and exempt names) that `name` is or falls under. Any case, with or without a dot at its end. */
void rules_match_name(struct text name, struct matches *matches);

/** Remembers that these are about this address; only ever adds. False when the table is full, once. */
bool rules_learn(const struct matches *matches, const struct address *address);

/** The number of a target that the endpoint matches, EVERYTHING, or NOTHING. Makes no system call. */
int rules_match(const struct endpoint *endpoint);
