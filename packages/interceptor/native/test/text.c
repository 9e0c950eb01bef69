#include "units.h"

#include <ctype.h>
#include <errno.h>

static void numbers(void) {
  for (int i = 0; i < 200000; i++) {
    char text[32] = "";
    size_t length = chance(23);
    for (size_t at = 0; at < length; at++) text[at] = chance(50) == 0 ? any_of(" -+x.") : any_of("0123456789");
    uint64_t most = chance(2) == 0 ? UINT64_MAX >> chance(64) : chance(1000);
    uint64_t number = 77;
    bool is_number = length > 0 && strspn(text, "0123456789") == length;
    errno = 0;
    unsigned long long expected = strtoull(text, NULL, 10);
    bool fits = is_number && errno == 0 && expected <= most;
    EXPECT(read_number((struct text){text, length}, most, &number) == fits, "'%s' of %ju", text, (uintmax_t)most);
    EXPECT(number == (fits ? expected : 77), "'%s' is %ju", text, (uintmax_t)number);
  }
}

static void written(void) {
  for (int i = 0; i < 100000; i++) {
    uint64_t number = chance(2) == 0 ? chance(UINT64_MAX) >> chance(64) : UINT64_MAX - chance(3);
    char expected[64];
    struct line line = {.length = 0};
    add_digits(&line, number, 10);
    add_text(&line, TEXT(" "));
    add_digits(&line, number & 0xffff, 16);
    int length = snprintf(expected, sizeof expected, "%ju %x", (uintmax_t)number, (unsigned)(number & 0xffff));
    EXPECT(same((struct text){line.at, line.length}, (struct text){expected, (size_t)length}), "%s", expected);
  }
}

static void compared(void) {
  EXPECT(same(TEXT("ab"), TEXT("ab")) && !same(TEXT("ab"), TEXT("abc")) && !same(TEXT("ab"), TEXT("aB")), "same");
  EXPECT(starts_with(TEXT("abc"), TEXT("ab")) && !starts_with(TEXT("a"), TEXT("ab")), "starts_with");
  EXPECT(starts_with(TEXT(""), TEXT("")) && starts_with(TEXT("a"), TEXT("")), "an empty prefix");
  EXPECT(same(trimmed(TEXT(" \t a b\r ")), TEXT("a b")) && trimmed(TEXT(" \t\r")).length == 0, "trimmed");
  for (int c = -128; c < 256; c++) {
    // In the locale "C", which these are to agree with wherever they run.
    int byte = c & 0xff;
    EXPECT(lower((char)c) == (char)(byte < 128 ? tolower(byte) : byte), "lower of %d", c);
    EXPECT(is_digit((char)c) == (byte >= '0' && byte <= '9'), "is_digit of %d", c);
  }
}

/** A line takes what fits and cuts off the rest. */
static void cut_short(void) {
  for (int i = 0; i < 2000; i++) {
    struct line line = {.length = 0};
    char all[4096];
    size_t length = 0;
    while (length < 600) {
      char part[128];
      size_t size = chance(sizeof part);
      for (size_t at = 0; at < size; at++) part[at] = (char)chance(256);
      memcpy(all + length, part, size);
      length += size;
      add_text(&line, (struct text){part, size});
    }
    EXPECT(line.length == sizeof line.at && memcmp(line.at, all, sizeof line.at) == 0, "%zu bytes", length);
  }
}

static void quoted(void) {
  for (int i = 0; i < 20000; i++) {
    char text[80];
    size_t length = chance(sizeof text);
    for (size_t at = 0; at < length; at++) text[at] = (char)chance(256);
    struct line line = {.length = 0};
    add_quoted(&line, (struct text){text, length});
    EXPECT(line.length == (length < 40 ? length : 40), "%zu of %zu bytes", line.length, length);
    for (size_t at = 0; at < line.length; at++) {
      bool printable = text[at] >= 32 && text[at] < 127;
      EXPECT(line.at[at] == (printable ? text[at] : '?'), "byte %zu", at);
    }
  }
}

void test_text(void) {
  numbers();
  written();
  compared();
  cut_short();
  quoted();
}
