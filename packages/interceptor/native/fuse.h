// The end of the fault: an absolute time, after which everything passes for good.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** Lights the fuse; 0 never burns down. False when the time has passed already. */
bool fuse_light(uint64_t until);

/** Whether the time has passed; once it has, it stays so. Asked only about connects that would be blocked. */
bool fuse_is_over(void);

/** Milliseconds until the end; 0 when there is none. */
uint64_t fuse_left_ms(void);

/** Milliseconds since the machine was started. */
uint64_t uptime_ms(void);
