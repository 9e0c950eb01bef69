#include "rule-text.h"

bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool is_name(struct text name) {
  size_t digits = 0;
  struct text label = {NULL, 0};
  if (name.length > MAX_NAME) return false;
  while (name.at != NULL) {
    label = cut(&name, '.');
    digits = 0;
    if (label.length - 1 >= 63) return false;
    for (size_t i = 0; i < label.length; i++) {
      if (!is_name_byte(label.at[i])) return false;
      if (is_digit(label.at[i])) digits++;
    }
  }
  return digits < label.length;
}

/** Takes `:port` off: behind `]`, or behind the only colon. Two colons and no bracket are an IPv6 address. */
static bool take_port(struct text *text, uint16_t *port) {
  struct text rest = *text, host;
  uint64_t number;
  *port = 0;
  if (starts_with(rest, TEXT("["))) {
    cut(&rest, '[');
    host = cut(&rest, ']');
    if (rest.at == NULL) return false;
    *text = host;
    if (rest.length == 0) return true;
    if (cut(&rest, ':').length > 0) return false;
  } else {
    host = cut(&rest, ':');
    struct text more = rest;
    cut(&more, ':');
    // None, or a second one.
    if (rest.at == NULL || more.at != NULL) return true;
    *text = host;
  }
  if (!read_number(rest, 65535, &number) || number == 0) return false;
  *port = (uint16_t)number;
  return true;
}

static bool read_range(struct text text, struct rule *rule) {
  struct text address = cut(&text, '/');
  unsigned most = read_address(address, &rule->network);
  uint64_t bits = most;
  if (most == 0 || (text.at != NULL && !read_number(text, most, &bits))) return false;
  rule->bits = (uint8_t)(bits + 128 - most);
  rule->kind = KIND_RANGE;
  return true;
}

bool read_rule(struct text value, struct rule *rule) {
  struct text host = value;
  rule->text = value;
  if (!take_port(&host, &rule->port)) return false;
  if (read_range(host, rule)) return true;
  if (host.length > 0 && host.at[host.length - 1] == '.') host.length--;
  rule->kind = KIND_NAME;
  if (starts_with(host, TEXT("*."))) {
    rule->kind = KIND_SUFFIX;
    cut(&host, '.');
  }
  rule->name = host;
  return is_name(host);
}
