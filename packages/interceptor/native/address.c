#include "address.h"

#include <netinet/in.h>

/** What an IPv4 address is mapped with, in the second word. */
static const uint64_t mapped = 0xffff0000;

struct address address_of_ipv4(const uint8_t bytes[4]) {
  uint32_t ipv4;
  __builtin_memcpy(&ipv4, bytes, sizeof ipv4);
  return (struct address){.words = {0, (uint64_t)ipv4 << 32 | mapped}};
}

struct address address_of_ipv6(const uint8_t bytes[16]) {
  struct address address;
  __builtin_memcpy(address.bytes, bytes, 16);
  return address;
}

bool endpoint_of(const void *sockaddr, size_t length, struct endpoint *endpoint) {
  const uint8_t *bytes = sockaddr;
  uint16_t family, port;
  if (sockaddr == NULL || length < sizeof(struct sockaddr_in)) return false;
  __builtin_memcpy(&family, bytes, sizeof family);
  __builtin_memcpy(&port, bytes + offsetof(struct sockaddr_in, sin_port), sizeof port);
  endpoint->family = family;
  endpoint->port = __builtin_bswap16(port);
  if (family == AF_INET) {
    endpoint->address = address_of_ipv4(bytes + offsetof(struct sockaddr_in, sin_addr));
    return true;
  }
  // The kernel takes an IPv6 address without its scope (RFC 2133), too.
  if (family != AF_INET6 || length < offsetof(struct sockaddr_in6, sin6_scope_id)) return false;
  __builtin_memcpy(&endpoint->address, bytes + offsetof(struct sockaddr_in6, sin6_addr), sizeof endpoint->address);
  return true;
}

bool is_ipv4(const struct address *address) {
  return address->words[0] == 0 && (uint32_t)address->words[1] == mapped;
}

bool same_address(const struct address *a, const struct address *b) {
  return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

bool is_always_allowed(const struct address *address) {
  uint64_t high = __builtin_bswap64(address->words[0]), low = __builtin_bswap64(address->words[1]);
  if (is_ipv4(address)) {
    uint32_t ipv4 = (uint32_t)low;
    return ipv4 >> 24 == 127 || ipv4 == 0 || ipv4 >> 16 == 0xa9fe;
  }
  if (high == 0) return low <= 1;
  // Source: the instance metadata service and the DNS of a VPC answer under fd00:ec2::/32 (EC2 user guide, IPv6).
  return high >> 54 == 0xfe80 >> 6 || high >> 32 == 0xfd000ec2;
}

static bool read_ipv4(struct text text, uint8_t bytes[4]) {
  for (int i = 0; i < 4; i++) {
    struct text part = cut(&text, '.');
    uint64_t value;
    bool leading_zero = part.length > 1 && part.at[0] == '0';
    if (leading_zero || !read_number(part, 255, &value) || (text.at == NULL) != (i == 3)) return false;
    bytes[i] = (uint8_t)value;
  }
  return true;
}

static bool read_ipv6(struct text text, uint8_t bytes[16]) {
  enum { NO_GAP = 17 };
  size_t filled = 0, gap = NO_GAP;
  // Of two colons in front, the first one is behind nothing.
  if (starts_with(text, TEXT("::"))) cut(&text, ':');
  else if (starts_with(text, TEXT(":"))) return false;
  while (text.at != NULL) {
    uint64_t value;
    struct text part = cut(&text, ':');
    bool is_last = text.at == NULL;
    if (part.length == 0) {
      if (is_last && filled == gap) break;
      if (is_last || gap != NO_GAP) return false;
      gap = filled;
    } else if (is_last && filled <= 12 && read_ipv4(part, bytes + filled)) {
      filled += 4;
    } else {
      if (filled > 14 || part.length > 4 || !read_digits(part, 16, 0xffff, &value)) return false;
      bytes[filled++] = (uint8_t)(value >> 8);
      bytes[filled++] = (uint8_t)value;
    }
  }
  if (gap == NO_GAP || filled == 16) return gap == NO_GAP && filled == 16;
  for (size_t to = 16; to > gap;) bytes[--to] = filled > gap ? bytes[--filled] : 0;
  return true;
}

unsigned read_address(struct text text, struct address *address) {
  uint8_t ipv4[4];
  if (read_ipv4(text, ipv4)) {
    *address = address_of_ipv4(ipv4);
    return 32;
  }
  return read_ipv6(text, address->bytes) ? 128 : 0;
}

void add_endpoint(struct line *line, const struct endpoint *endpoint) {
  const uint8_t *b = endpoint->address.bytes;
  bool four = is_ipv4(&endpoint->address);
  int i = four ? 12 : 0;
  if (!four) add_char(line, '[');
  for (;;) {
    unsigned part = b[i++];
    if (!four) part = part << 8 | b[i++];
    add_digits(line, part, four ? 10 : 16);
    if (i == 16) break;
    add_char(line, four ? '.' : ':');
  }
  add_count(line, four ? ":" : "]:", endpoint->port);
}
