// The first intercepted call that matters reads the configuration; there is no constructor.
#pragma once
#include "truth.h"

/** Whether connects are to be decided about. Reads the configuration the first time; never blocks for long. */
bool arm(void);

/** Whether it has been read, and nothing will ever be decided about. */
bool is_inert(void);
