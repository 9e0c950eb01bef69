#include "../told.h"

#include "../configuration.h"
#include "../environment.h"
#include "../file.h"

/** What this process was started with, entry by entry; an entry that does not fit is not there. Read once. */
static char entries[MAX_CONFIGURATION];
static size_t length;

const char *told_entry(size_t *where) {
  const char *entry = entries + *where;
  while (*where < length) {
    if (entries[(*where)++] == 0) return entry;
  }
  return NULL;
}

long told_text(char **text, struct text *why_not) {
  long read = read_file("/proc/self/environ", entries, sizeof entries);
  length = read > 0 ? (size_t)read : 0;
  struct text value = variable(TEXT("UNPLUG_INTERCEPTOR"));
  *text = (char *)value.at;
  if (value.at != NULL) return (long)value.length;
  // One without the variable is nothing to speak of: a program that has the hook in it is not told anything for most of its life.
  if (read < 0) *why_not = TEXT("no /proc/self/environ");
  if (length == sizeof entries) *why_not = TEXT("the environment is too long");
  return -1;
}

/** The port of DNS always passes. */
void told_exemptions(void) {}
