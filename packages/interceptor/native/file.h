#pragma once
#include <stddef.h>

/** Reads at most `room` bytes of a file; -1 when it cannot be opened, `room` when it is longer. */
long read_file(const char *path, char *to, size_t room);
