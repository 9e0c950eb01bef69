// What the program is told by its environment, which two of us come to differently: the object that is preloaded (told.c) and the
// hook inside a program that has no libc to ask (go/told.c).
#pragma once
#include "text.h"

/** The entry of the environment at `*where`, 0 for the first one, which moves on; NULL behind the last. */
const char *told_entry(size_t *where);

/**
 * The text of the configuration, which may be changed, and its length: MAX_CONFIGURATION when it is longer, -1 when there is none.
 * `why_not` is set to what is to be said then, if anything is.
 */
long told_text(char **text, struct text *why_not);

/** Exempts what such a program must always reach, beside what the configuration says. */
void told_exemptions(void);
