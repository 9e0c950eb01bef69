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

struct text cut(struct text *rest, char c) {
  struct text before = {rest->at, 0};
  while (before.length < rest->length) {
    if (before.at[before.length] == c) {
      rest->at += before.length + 1;
      rest->length -= before.length + 1;
      return before;
    }
    before.length++;
  }
  *rest = (struct text){NULL, 0};
  return before;
}

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

struct text trimmed(struct text text) {
  for (; text.length > 0 && is_space(text.at[0]); text.length--) text.at++;
  while (text.length > 0 && is_space(text.at[text.length - 1])) text.length--;
  return text;
}

bool read_digits(struct text text, unsigned base, uint64_t most, uint64_t *number) {
  uint64_t value = 0;
  if (text.length == 0) return false;
  for (size_t i = 0; i < text.length; i++) {
    unsigned digit = (unsigned)text.at[i] - '0', letter = ((unsigned)text.at[i] | 32) - 'a';
    if (letter < 6) digit = letter + 10;
    if (digit >= base || digit > most || value > (most - digit) / base) return false;
    value = value * base + digit;
  }
  *number = value;
  return true;
}

bool read_number(struct text text, uint64_t most, uint64_t *number) {
  return read_digits(text, 10, most, number);
}

void add_char(struct line *line, int c) {
  if (line->length < sizeof line->at) line->at[line->length++] = (char)c;
}

void add_text(struct line *line, struct text text) {
  for (size_t i = 0; i < text.length; i++) add_char(line, text.at[i]);
}

void add_digits(struct line *line, uint64_t number, unsigned base) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number > 0);
  add_text(line, (struct text){digits + first, sizeof digits - first});
}

void add_field(struct line *line, const char *key, struct text value) {
  add_text(line, text_of(key));
  add_text(line, value);
}

void add_count(struct line *line, const char *key, uint64_t value) {
  add_text(line, text_of(key));
  add_digits(line, value, 10);
}

void add_quoted(struct line *line, struct text text) {
  for (size_t i = 0; i < text.length && i < 40; i++) {
    char c = text.at[i];
    add_char(line, c >= ' ' && c <= '~' ? c : '?');
  }
}
