// Reads the configuration into the rules. The format is described in ../README.md.
#pragma once
#include "rules.h"

enum { MAX_CONFIGURATION = 262144 };

enum behavior { REFUSE, TIMEOUT, HANG };

struct configuration {
  // In the order of the keys in configuration.c.
  union {
    struct {
      uint64_t timeout_ms;
      uint64_t percentage;
      uint64_t from;  // Unix time in seconds; 0: at once
      uint64_t until; // Unix time in seconds; 0: never
      uint64_t announced; // how many targets are to follow
      uint64_t seed;
    };
    uint64_t numbers[6];
  };
  union {
    struct {
      struct text tally;
      struct text if_set; // a variable of the environment; empty: anywhere
      struct text run;
      struct text unless; // an entry of the environment, `NAME=VALUE`; empty: anywhere
    };
    struct text texts[4];
  };
  enum behavior behavior;
  uint32_t ignored; // targets beyond MAX_TARGETS
};

extern struct configuration configuration;

/** Adds ` behavior=` and the one that is configured. */
void add_behavior(struct line *line);

/**
 * Reads the text, which must stay where it is and is changed: names become lower-case.
 * False, with what is wrong in `complaint` (`entry 3 is not valid: …`), when it is invalid; only `tally` counts then.
 */
bool configuration_read(char *text, size_t length, struct line *complaint);

/** Exempts `address:port`, `[address]:port` or `name:port`; anything else is passed over. Once only. */
void configuration_exempt(struct text text);

/** Exempts one address and port. */
void configuration_exempt_endpoint(const struct endpoint *endpoint);
