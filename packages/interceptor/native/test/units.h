// Checks of the parts that ask neither libc nor the kernel, against libc and against slow and plain code.
#pragma once
// The object has its own, which are slow under sanitizers: they are given other names, but here libc's are meant.
#undef memcpy
#undef memset
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../configuration.h"
#include "../dns.h"
#include "../rule-text.h"
#include "../rules.h"

extern unsigned long checks;

/** Ends the program, with the place and what else is given as for printf, when the condition does not hold. */
#define EXPECT(condition, ...)                                        \
  do {                                                                \
    checks++;                                                         \
    if (condition) break;                                             \
    fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);   \
    fprintf(stderr, __VA_ARGS__);                                     \
    fputc('\n', stderr);                                              \
    exit(1);                                                          \
  } while (0)

/** The next random number less than `below`; the seed is an argument of the program. */
uint64_t chance(uint64_t below);

/** One of the bytes of `from`. */
char any_of(const char *from);

/** Makes the rules and what was learned empty. */
void forget_rules(void);

/** Adds a rule as a configuration or the environment would. */
void add_rule(const char *text, bool exempt);

struct address address_in(const char *text);
struct endpoint endpoint_in(const char *address, uint16_t port);

/** Learns that the name has this address. False from the result when the table is full, once. */
bool learn(const char *name, const char *address);

/** What the rule that matches is written as; "-" for none, "*" for everything. */
const char *match(const char *address, uint16_t port);

void test_text(void);
void test_address(void);
void test_rule_text(void);
void test_rules(void);
void test_configuration(void);
void test_dns(void);
void test_fuse(void);
void test_fuse_put_on(void);
void test_fuse_from(void);
void test_fuse_never(void);

/** Reads a target from each line of standard input and says what it is read as. */
void read_targets(void);
