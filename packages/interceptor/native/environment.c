#include "environment.h"

#include "told.h"

struct text variable(struct text name) {
  size_t where = 0;
  for (const char *entry; (entry = told_entry(&where)) != NULL;) {
    struct text text = text_of(entry);
    if (!starts_with(text, name) || text.at[name.length] != '=') continue;
    return (struct text){text.at + name.length + 1, text.length - name.length - 1};
  }
  return (struct text){NULL, 0};
}

bool has_entry(struct text wanted) {
  struct text name = cut(&wanted, '=');
  struct text found = variable(name);
  return found.at != NULL && same(found, wanted);
}
