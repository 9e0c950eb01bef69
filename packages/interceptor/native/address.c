#include "address.h"

#include <netinet/in.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

struct address address_of_ipv4(const uint8_t bytes[4]) {
  struct address address;
  memcpy(address.bytes, mapped_prefix, 12);
  memcpy(address.bytes + 12, bytes, 4);
  return address;
}

struct address address_of_ipv6(const uint8_t bytes[16]) {
  struct address address;
  memcpy(address.bytes, bytes, 16);
  return address;
}

bool endpoint_of(const void *sockaddr, size_t length, struct endpoint *endpoint) {
  uint16_t family;
  if (sockaddr == NULL || length < sizeof family) return false;
  __builtin_memcpy(&family, sockaddr, sizeof family);
  endpoint->family = family;
  // The kernel takes an IPv6 address without its scope (RFC 2133), too.
  if (family == AF_INET && length >= sizeof(struct sockaddr_in)) {
    struct sockaddr_in in;
    __builtin_memcpy(&in, sockaddr, sizeof in);
    endpoint->address.words[0] = 0;
    __builtin_memcpy(endpoint->address.bytes + 8, mapped_prefix + 8, 4);
    __builtin_memcpy(endpoint->address.bytes + 12, &in.sin_addr, 4);
    endpoint->port = __builtin_bswap16(in.sin_port);
    return true;
  }
  if (family == AF_INET6 && length >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
    const char *in6 = sockaddr;
    uint16_t port;
    __builtin_memcpy(&port, in6 + offsetof(struct sockaddr_in6, sin6_port), sizeof port);
    __builtin_memcpy(&endpoint->address, in6 + offsetof(struct sockaddr_in6, sin6_addr), 16);
    endpoint->port = __builtin_bswap16(port);
    return true;
  }
  return false;
}

bool is_ipv4(const struct address *address) {
  uint32_t third;
  __builtin_memcpy(&third, address->bytes + 8, sizeof third);
  return address->words[0] == 0 && third == __builtin_bswap32(0x0000ffff);
}

bool same_address(const struct address *a, const struct address *b) {
  return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

bool is_always_allowed(const struct address *address) {
  const uint8_t *b = address->bytes;
  if (is_ipv4(address)) {
    bool unspecified = (b[12] | b[13] | b[14] | b[15]) == 0;
    return b[12] == 127 || unspecified || (b[12] == 169 && b[13] == 254);
  }
  bool loopback_or_unspecified =
      address->words[0] == 0 && (address->words[1] & __builtin_bswap64(~(uint64_t)1)) == 0;
  bool link_local = b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
  // Source: the instance metadata service and the DNS of a VPC answer under fd00:ec2::/32 (EC2 user guide, IPv6).
  bool aws_link_local = b[0] == 0xfd && b[1] == 0 && b[2] == 0x0e && b[3] == 0xc2;
  return loopback_or_unspecified || link_local || aws_link_local;
}

static bool read_ipv4(struct text text, uint8_t bytes[4]) {
  size_t start = 0;
  for (int i = 0; i < 4; i++) {
    size_t end = start;
    while (end < text.length && text.at[end] != '.') end++;
    struct text part = {text.at + start, end - start};
    uint64_t value;
    bool leading_zero = part.length > 1 && part.at[0] == '0';
    if (leading_zero || !read_number(part, 255, &value)) return false;
    if (i < 3 && end == text.length) return false;
    bytes[i] = (uint8_t)value;
    start = end + 1;
  }
  return start == text.length + 1;
}

static int hex_value(char c) {
  c = lower(c);
  if (is_digit(c)) return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** Reads one to four hexadecimal digits at `*at` and moves it behind them. */
static bool read_group(struct text text, size_t *at, unsigned *value) {
  size_t start = *at;
  *value = 0;
  while (*at < text.length && *at < start + 4 && hex_value(text.at[*at]) >= 0) {
    *value = *value * 16 + (unsigned)hex_value(text.at[*at]);
    (*at)++;
  }
  return *at > start;
}

static bool read_ipv6(struct text text, uint8_t bytes[16]) {
  size_t at = 0, filled = 0, gap = 17;
  memset(bytes, 0, 16);
  if (text.length >= 2 && text.at[0] == ':' && text.at[1] == ':') {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    unsigned value;
    struct text rest = {text.at + at, text.length - at};
    if (filled <= 12 && read_ipv4(rest, bytes + filled)) {
      filled += 4;
      break;
    }
    if (filled > 14 || !read_group(text, &at, &value)) return false;
    bytes[filled++] = (uint8_t)(value >> 8);
    bytes[filled++] = (uint8_t)value;
    if (at == text.length) break;
    if (text.at[at++] != ':' || at == text.length) return false;
    if (text.at[at] == ':') {
      if (gap != 17) return false;
      gap = filled;
      at++;
    }
  }
  if (gap == 17) return filled == 16;
  if (filled == 16) return false;
  size_t moved = filled - gap;
  for (size_t i = 0; i < moved; i++) {
    bytes[15 - i] = bytes[filled - 1 - i];
  }
  memset(bytes + gap, 0, 16 - filled);
  return true;
}

bool read_address(struct text text, struct address *address) {
  uint8_t ipv4[4];
  if (read_ipv4(text, ipv4)) {
    *address = address_of_ipv4(ipv4);
    return true;
  }
  return read_ipv6(text, address->bytes);
}

static unsigned group(const struct address *address, int i) {
  return (unsigned)(address->bytes[2 * i] << 8 | address->bytes[2 * i + 1]);
}

void add_endpoint(struct line *line, const struct endpoint *endpoint) {
  const uint8_t *b = endpoint->address.bytes;
  if (is_ipv4(&endpoint->address)) {
    for (int i = 12; i < 16; i++) {
      if (i > 12) add_text(line, TEXT("."));
      add_number(line, b[i]);
    }
  } else {
    for (int i = 0; i < 8; i++) {
      add_text(line, i == 0 ? TEXT("[") : TEXT(":"));
      add_hex(line, group(&endpoint->address, i));
    }
    add_text(line, TEXT("]"));
  }
  add_text(line, TEXT(":"));
  add_number(line, endpoint->port);
}
