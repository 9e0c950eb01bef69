// Reads a target or an exemption as it is written: `*.example.com`, `10.0.0.0/8`, `[2001:db8::1]:443`.
#pragma once
#include "rules.h"

/** A lower-case letter, digit, `-` or `_`. */
bool is_name_byte(char c);

/** Labels of 1 to 63 letters, digits, `-` and `_`; the last one is no number, else it is a mistyped address. */
bool is_name(struct text name);

/** Reads lower-case text into a rule, all but its hash; the rule points into the text. */
bool read_rule(struct text text, struct rule *rule);
