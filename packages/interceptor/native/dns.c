#include "dns.h"

/** A message and how far it has been read. */
struct packet {
  const uint8_t *at;
  size_t length;
  size_t read;
};

struct record {
  unsigned type;
  size_t data; // where it begins
  size_t length;
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

static bool read_16(struct packet *packet, unsigned *value) {
  if (packet->length - packet->read < 2) return false;
  *value = (unsigned)(packet->at[packet->read] << 8 | packet->at[packet->read + 1]);
  packet->read += 2;
  return true;
}

static bool skip(struct packet *packet, size_t length) {
  if (packet->length - packet->read < length) return false;
  packet->read += length;
  return true;
}

/** Reads a name, following pointers, as text with dots and none at its end; a byte that no host name has becomes `?`. */
static bool read_name(struct packet *packet, char name[MAX_NAME], size_t *length) {
  size_t here = packet->read;
  bool jumped = false;
  int jumps = 0;
  *length = 0;
  for (;;) {
    if (here >= packet->length) return false;
    unsigned size = packet->at[here++];
    if (size == 0) break;
    if ((size & 0xc0) == 0xc0) {
      if (here >= packet->length || ++jumps > MAX_JUMPS) return false;
      if (!jumped) packet->read = here + 1;
      jumped = true;
      here = (size & 0x3f) << 8 | packet->at[here];
      continue;
    }
    if (size > 63 || size > packet->length - here) return false;
    size_t dot = *length > 0 ? 1 : 0;
    if (*length + dot + size > MAX_NAME) return false;
    if (dot) name[(*length)++] = '.';
    for (unsigned i = 0; i < size; i++) {
      char c = (char)packet->at[here++];
      name[(*length)++] = c > ' ' && c <= '~' && c != '.' ? c : '?';
    }
  }
  if (!jumped) packet->read = here;
  return true;
}

static bool read_record(struct packet *packet, struct record *record) {
  char name[MAX_NAME];
  size_t length;
  unsigned class, data_length;
  if (!read_name(packet, name, &length)) return false;
  if (!read_16(packet, &record->type) || !read_16(packet, &class) || !skip(packet, 4)) return false;
  if (!read_16(packet, &data_length)) return false;
  record->data = packet->read;
  record->length = data_length;
  if (class != CLASS_IN) record->type = 0;
  return skip(packet, data_length);
}

static void match_alias(const struct packet *packet, const struct record *record, struct matches *matches) {
  struct packet at_data = {packet->at, packet->length, record->data};
  char name[MAX_NAME];
  size_t length;
  if (record->type == TYPE_CNAME && read_name(&at_data, name, &length)) rules_match_name((struct text){name, length}, matches);
}

static bool learn_address(const struct packet *packet, const struct record *record, const struct matches *matches) {
  const uint8_t *data = packet->at + record->data;
  struct address address;
  if (record->type == TYPE_A && record->length == 4) address = address_of_ipv4(data);
  else if (record->type == TYPE_AAAA && record->length == 16) address = address_of_ipv6(data);
  else return true;
  return rules_learn(matches, &address);
}

bool dns_learn(const uint8_t *message, size_t length) {
  struct packet packet = {message, length, HEADER};
  struct matches matches;
  matches.count = 0;
  char name[MAX_NAME];
  size_t name_length;
  bool has_room = true;
  if (length < HEADER) return true;
  bool is_response = (message[2] & 0x80) != 0 && (message[2] & 0x78) == 0;
  unsigned questions = (unsigned)(message[4] << 8 | message[5]);
  unsigned answers = (unsigned)(message[6] << 8 | message[7]);
  if (!is_response || questions != 1 || answers > MAX_RECORDS) return true;
  if (!read_name(&packet, name, &name_length) || !skip(&packet, 4)) return true;
  rules_match_name((struct text){name, name_length}, &matches);
  // A target may be any name of the chain of aliases; the answer is about one question, so all its addresses are of it.
  for (int pass = 0; pass < 2; pass++) {
    struct packet rest = packet;
    struct record record;
    for (unsigned i = 0; i < answers && read_record(&rest, &record); i++) {
      if (pass == 0) match_alias(&rest, &record, &matches);
      else if (!learn_address(&rest, &record, &matches)) has_room = false;
    }
  }
  return has_room;
}
