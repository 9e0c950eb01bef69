#include "text.h"

__attribute__((used)) void *memcpy(void *to, const void *from, size_t length) {
  for (size_t i = 0; i < length; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}

__attribute__((used)) void *memset(void *to, int value, size_t length) {
  for (size_t i = 0; i < length; i++) ((char *)to)[i] = (char)value;
  return to;
}

size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

struct text text_of(const char *text) {
  return (struct text){text, length_of(text)};
}

bool same(struct text a, struct text b) {
  return a.length == b.length && starts_with(a, b);
}

bool starts_with(struct text text, struct text prefix) {
  if (text.length < prefix.length) return false;
  for (size_t i = 0; i < prefix.length; i++) {
    if (text.at[i] != prefix.at[i]) return false;
  }
  return true;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

struct text trimmed(struct text text) {
  while (text.length > 0 && is_space(text.at[0])) {
    text.at++;
    text.length--;
  }
  while (text.length > 0 && is_space(text.at[text.length - 1])) text.length--;
  return text;
}

bool read_number(struct text text, uint64_t most, uint64_t *number) {
  uint64_t value = 0;
  if (text.length == 0) return false;
  for (size_t i = 0; i < text.length; i++) {
    if (!is_digit(text.at[i])) return false;
    uint64_t digit = (uint64_t)(text.at[i] - '0');
    if (value > (most - digit) / 10 || digit > most) return false;
    value = value * 10 + digit;
  }
  *number = value;
  return true;
}

void add_text(struct line *line, struct text text) {
  size_t room = sizeof line->at - line->length;
  size_t length = text.length < room ? text.length : room;
  memcpy(line->at + line->length, text.at, length);
  line->length += length;
}

void add_number(struct line *line, uint64_t number) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  add_text(line, (struct text){digits + first, sizeof digits - first});
}

void add_hex(struct line *line, unsigned number) {
  static const char digits[] = "0123456789abcdef";
  bool begun = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    unsigned digit = (number >> shift) & 15;
    begun = begun || digit != 0 || shift == 0;
    if (begun) add_text(line, (struct text){&digits[digit], 1});
  }
}

void add_quoted(struct line *line, struct text text) {
  for (size_t i = 0; i < text.length && i < 40; i++) {
    char c = text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?';
    add_text(line, (struct text){&c, 1});
  }
}
