// Counts for whoever started the program, in a file that every process maps. Its layout is in ../README.md.
#pragma once
#include "rules.h"

enum tally_counter { TALLY_ARMED = 1, TALLY_BLOCKED, TALLY_SPARED, TALLY_OTHER, TALLY_INERT, TALLY_FORKED };

/** Maps the file; without it, or with one that is too short, nothing is counted. */
void tally_open(struct text path);

/** Adds one; answers what it was before, 0 without a file. */
uint64_t tally_count(enum tally_counter counter);

/** Counts a connect blocked by the rule of this number, or by EVERYTHING. */
void tally_blocked(int rule);
