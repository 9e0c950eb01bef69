// Reads DNS answers that the program receives, to learn which addresses belong to a target.
#pragma once
#include "rules.h"

/** Learns from one DNS message, which may be cut off or no DNS at all; false when the table is full, once. */
bool dns_learn(const uint8_t *message, size_t length);
