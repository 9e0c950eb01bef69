#include "told.h"

#include "configuration.h"
#include "environment.h"
#include "file.h"
#include "next.h"
#include "rule-text.h"

extern char **environ __attribute__((weak));

enum { MOST_PATH = 4096, MOST_RESOLV_CONF = 8192 };

/** One byte more, so that a value can be ended by a zero. */
static char configuration_text[MAX_CONFIGURATION + 1];

const char *told_entry(size_t *where) {
  return environ == NULL ? NULL : environ[(*where)++];
}

/** The path of this object with `.conf` for its last three bytes; false when it is not known. */
static bool path_beside(char path[MOST_PATH]) {
  const char *own = next_own_path();
  struct text name = own == NULL ? TEXT("") : text_of(own);
  if (name.length < 4 || name.length + 3 > MOST_PATH) return false;
  memcpy(path, name.at, name.length - 3);
  memcpy(path + name.length - 3, ".conf", 6);
  return true;
}

long told_text(char **text, struct text *why_not) {
  static char path[MOST_PATH];
  struct text value = variable(TEXT("UNPLUG_INTERCEPTOR"));
  *text = configuration_text;
  *why_not = TEXT("no UNPLUG_INTERCEPTOR, and no .conf beside the object");
  if (value.at == NULL) return path_beside(path) ? read_file(path, configuration_text, MAX_CONFIGURATION) : -1;
  size_t length = value.length < MAX_CONFIGURATION ? value.length : MAX_CONFIGURATION;
  memcpy(configuration_text, value.at, length);
  return (long)length;
}

/** A look-up that is too long for UDP goes on over TCP: names must stay resolvable. Source: resolv.conf(5). */
void told_exemptions(void) {
  static char text[MOST_RESOLV_CONF];
  struct text key = TEXT("nameserver");
  long length = read_file("/etc/resolv.conf", text, sizeof text);
  struct text rest = {text, length > 0 ? (size_t)length : 0};
  for (int count = 0; count < 8 && rest.at != NULL;) {
    struct text entry = trimmed(cut(&rest, '\n'));
    struct endpoint resolver = {.port = 53};
    if (!starts_with(entry, key)) continue;
    struct text address = trimmed((struct text){entry.at + key.length, entry.length - key.length});
    if (read_address(cut(&address, ' '), &resolver.address) == 0) continue;
    configuration_exempt_endpoint(&resolver);
    count++;
  }
}
