// Whether a connect is blocked, and how.
#pragma once
#include "address.h"
#include "hole.h"

/**
 * Decides about a connect of this socket, counts it and, when it is blocked, says so.
 * NULL: it passes; else where to connect the socket instead, and without a length: it is refused at once. Makes no system call
 * when the endpoint is none of the targets.
 */
const struct detour *decide(int socket, const struct endpoint *endpoint);

/** What makes the dice of this environment, and of the processes that one tally counts, their own. */
void decide_identity(struct text environment, uint64_t ordinal);
