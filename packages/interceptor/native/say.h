// Lines on standard error, in the format of ../README.md.
#pragma once
#include "text.h"

/** Begins a line: `unplug: KIND pid=N`. */
void line_begin(struct line *line, struct text kind);

/** Writes the line, in one piece; drops it where that would mean waiting. */
void line_say(struct line *line);

/** Says `unplug: KIND pid=N reason=…`; `more` is the rest of the reason. */
void say_reason(struct text kind, struct text reason, struct text more);

/** Says `unplug: warning pid=N reason=…`. */
void warn(struct text reason);

/** Says that the table of learned addresses is full. */
void say_full(void);

/** Whether standard error is there; asked before anything is written, since a later file may get its number. */
void say_begin(void);
