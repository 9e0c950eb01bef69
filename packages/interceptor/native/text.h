// Bytes and ASCII text; there is no libc to ask.
#pragma once
#include "truth.h"
#include <stddef.h>
#include <stdint.h>

/** Text that is not ended by a zero. */
struct text {
  const char *at;
  size_t length;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

/** A line under construction; what does not fit is cut off. */
struct line {
  char at[512];
  size_t length;
};

// Ours and hidden: the compiler calls them, whatever it is told, and libc need not be bound to.
void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);
size_t length_of(const char *text);
struct text text_of(const char *text);
bool same(struct text a, struct text b);
bool starts_with(struct text text, struct text prefix);
char lower(char c);
bool is_digit(char c);

/** Takes off what stands before the first `c`, and that; all of it, and `at` of the rest is NULL, where there is none. */
struct text cut(struct text *rest, char c);

/** The text less spaces, tabs and carriage returns at both ends. */
struct text trimmed(struct text text);

/** Reads a whole number of at most `most`, of `base` 10 or 16; false when it is none. */
bool read_digits(struct text text, unsigned base, uint64_t most, uint64_t *number);

/** The same of base 10. */
bool read_number(struct text text, uint64_t most, uint64_t *number);

void add_text(struct line *line, struct text text);
void add_char(struct line *line, int c);

/** Adds a number in base 10 or 16. */
void add_digits(struct line *line, uint64_t number, unsigned base);

/** Adds ` key=` and the like, and what it says; the key is ended by a zero. */
void add_field(struct line *line, const char *key, struct text value);
void add_count(struct line *line, const char *key, uint64_t value);

/** Adds foreign text: at most 40 bytes of it, and `?` for what cannot be printed. */
void add_quoted(struct line *line, struct text text);
