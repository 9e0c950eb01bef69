// Variables of the program's environment.
#pragma once
#include "text.h"

/** The value of a variable; `at` is NULL when it is not set. */
struct text variable(struct text name);

/** Whether there is this entry, `NAME=VALUE`. */
bool has_entry(struct text wanted);
