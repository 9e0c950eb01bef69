// Reads DNS answers that the program receives, to learn which addresses belong to a target.
#pragma once
#include "rules.h"

/**
 * Learns from one DNS message, which may be cut off or no DNS at all.
 * `is_answer` says whether it looks like an answer; false from the result when the table is full, once.
 */
bool dns_learn(const uint8_t *message, size_t length, bool *is_answer);
