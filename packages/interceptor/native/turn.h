// A lock that a process which was forked off while another thread held it does not wait for, nor a signal handler of its holder.
#pragma once
#include "truth.h"
#include <stdint.h>

/** Waits for its turn; false when this very thread has it already. */
bool turn_take(uint64_t *turn);

void turn_give(uint64_t *turn);
