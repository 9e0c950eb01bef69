#include "dns.h"

/** A message, how far it has been read, and what has been found in it. */
struct packet {
  const uint8_t *at;
  size_t length;
  size_t read;
  struct matches matches;
  char name[MAX_NAME];
};

// Source: RFC 1035, sections 3.2.2 and 4.1; RFC 3596.
enum {
  TYPE_A = 1,
  TYPE_CNAME = 5,
  TYPE_AAAA = 28,
  CLASS_IN = 1,
  HEADER = 12,
  MAX_JUMPS = 32,
  /** More of them is no answer to anything that a program asked. */
  MAX_RECORDS = 256,
};

/** The next byte; 0 behind the end, so that what is cut off is a record of no type. */
static unsigned next_8(struct packet *packet) {
  size_t here = packet->read++;
  return here < packet->length ? packet->at[here] : 0;
}

static unsigned next_16(struct packet *packet) {
  unsigned high = next_8(packet) << 8;
  return high | next_8(packet);
}

/**
 * Reads a name, following pointers, as text with dots and none at its end; a byte that no host name has becomes `?`. Of what is none,
 * it is empty, and nothing is left to be read.
 */
static struct text read_name(struct packet *packet) {
  char *name = packet->name;
  size_t length = 0, behind = 0;
  for (int jumps = 0; jumps <= MAX_JUMPS;) {
    unsigned size = next_8(packet);
    if (packet->read > packet->length) break;
    if (size == 0) {
      if (jumps > 0) packet->read = behind;
      return (struct text){name, length};
    }
    if (size >= 0xc0) {
      size = (size & 0x3f) << 8 | next_8(packet);
      if (jumps++ == 0) behind = packet->read;
      packet->read = size;
      continue;
    }
    if (size > 63 || length + size >= MAX_NAME + (length == 0)) break;
    if (length > 0) name[length++] = '.';
    for (; size > 0; size--) {
      unsigned c = next_8(packet);
      name[length++] = c > ' ' && c <= '~' && c != '.' ? (char)c : '?';
    }
  }
  packet->read = packet->length;
  return (struct text){name, 0};
}

static bool learn_address(const struct packet *packet, size_t data, unsigned type, unsigned size) {
  const uint8_t *bytes = packet->at + data;
  struct address address;
  if (type == TYPE_A && size == 4) address = address_of_ipv4(bytes);
  else if (type == TYPE_AAAA && size == 16) address = address_of_ipv6(bytes);
  else return true;
  return rules_learn(&packet->matches, &address);
}

bool dns_learn(const uint8_t *message, size_t length) {
  struct packet packet;
  packet.at = message;
  packet.length = length;
  packet.read = 2;
  packet.matches.count = 0;
  bool has_room = true;
  bool is_response = (next_16(&packet) & 0xf800) == 0x8000;
  unsigned questions = next_16(&packet), answers = next_16(&packet);
  if (!is_response || questions != 1 || answers > MAX_RECORDS) return true;
  packet.read = HEADER;
  rules_match_name(read_name(&packet), &packet.matches);
  size_t first = packet.read + 4;
  // A target may be any name of the chain of aliases; the answer is about one question, so all its addresses are of it.
  for (int pass = 0; pass < 2; pass++) {
    packet.read = first;
    for (unsigned i = answers; i > 0; i--) {
      read_name(&packet);
      unsigned type = next_16(&packet), class = next_16(&packet);
      packet.read += 4;
      unsigned size = next_16(&packet);
      size_t data = packet.read, end = data + size;
      if (class == CLASS_IN && end <= length) {
        if (pass > 0) has_room &= learn_address(&packet, data, type, size);
        else if (type == TYPE_CNAME) rules_match_name(read_name(&packet), &packet.matches);
      }
      packet.read = end;
    }
  }
  return has_room;
}
