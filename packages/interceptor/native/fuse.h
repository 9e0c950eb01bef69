// The time of the fault: before its start everything passes, and after its end for good.
#pragma once
#include "truth.h"
#include <stdint.h>

/** Lays the fuse, in seconds of Unix time; `until` 0 never burns down. False when that time has passed already. */
bool fuse_light(uint64_t from, uint64_t until);

/** Whether it is the time; once it is over, it stays so. Asked only about connects that would be blocked. */
bool fuse_is_burning(void);

/** Milliseconds until the end; 0 when there is none. */
uint64_t fuse_left_ms(void);

/** Milliseconds since the machine was started. */
uint64_t uptime_ms(void);
