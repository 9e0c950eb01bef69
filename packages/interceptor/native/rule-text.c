#include "rule-text.h"

bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool is_name(struct text name) {
  if (name.length == 0 || name.length > MAX_NAME) return false;
  size_t label = 0;
  bool all_digits = true;
  for (size_t i = 0; i < name.length; i++) {
    char c = name.at[i];
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      all_digits = true;
      continue;
    }
    if (!is_name_byte(c) || ++label > 63) return false;
    all_digits = all_digits && is_digit(c);
  }
  return label > 0 && !all_digits;
}

bool find(struct text text, char c, size_t *where) {
  for (size_t i = 0; i < text.length; i++) {
    if (text.at[i] != c) continue;
    *where = i;
    return true;
  }
  return false;
}

struct text behind(struct text text, size_t where) {
  return (struct text){text.at + where + 1, text.length - where - 1};
}

/** Takes `:port` off: behind `]`, or behind the only colon. Two colons and no bracket are an IPv6 address. */
static bool take_port(struct text *text, uint16_t *port) {
  struct text rest;
  size_t where;
  uint64_t number;
  *port = 0;
  if (text->length > 0 && text->at[0] == '[') {
    if (!find(*text, ']', &where)) return false;
    rest = behind(*text, where);
    *text = (struct text){text->at + 1, where - 1};
    if (rest.length == 0) return true;
    if (rest.at[0] != ':') return false;
    rest = behind(rest, 0);
  } else {
    if (!find(*text, ':', &where)) return true;
    rest = behind(*text, where);
    size_t second;
    if (find(rest, ':', &second)) return true;
    text->length = where;
  }
  if (!read_number(rest, 65535, &number) || number == 0) return false;
  *port = (uint16_t)number;
  return true;
}

static bool read_range(struct text text, struct rule *rule) {
  size_t slash;
  struct text address = text;
  uint64_t bits = 0;
  bool has_bits = find(text, '/', &slash);
  if (has_bits) address.length = slash;
  if (!read_address(address, &rule->network)) return false;
  size_t colon;
  bool dotted = !find(address, ':', &colon);
  unsigned most = dotted ? 32 : 128;
  if (has_bits && !read_number(behind(text, slash), most, &bits)) return false;
  rule->bits = (uint8_t)(has_bits ? bits + (dotted ? 96 : 0) : 128);
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
    host = behind(host, 1);
  }
  rule->name = host;
  return is_name(host);
}
