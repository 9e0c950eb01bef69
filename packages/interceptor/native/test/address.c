#include "units.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/** A text that is an address, nearly one, or far from one. */
static size_t any_address(char text[64]) {
  uint8_t bytes[16] = {0};
  for (int i = 0; i < 16; i++) bytes[i] = chance(3) == 0 ? (uint8_t)chance(256) : 0;
  if (chance(4) == 0) memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\377\377", 12);
  int family = chance(3) == 0 ? AF_INET : AF_INET6;
  inet_ntop(family, bytes, text, 64);
  if (family == AF_INET6 && chance(4) == 0) {
    const uint8_t *b = bytes;
    snprintf(text, 64, "%x:%x:%x:%x:%x:%x:%d.%d.%d.%d", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9]);
  }
  for (uint64_t edits = chance(4); edits > 0; edits--) {
    size_t length = strlen(text), at = chance(length + 1);
    if (chance(2) == 0 && length > 0 && at < length) memmove(text + at, text + at + 1, length - at);
    else if (length < 60) {
      memmove(text + at + 1, text + at, length - at + 1);
      text[at] = any_of("0123456789abcdefABCDEF::::....g/ %-");
    }
  }
  return strlen(text);
}

/** As libc reads them. Both take no leading zeros, no scope, and no fewer than four numbers. */
static void read_like_libc(void) {
  int valid = 0;
  for (int i = 0; i < 300000; i++) {
    char text[64];
    size_t length = any_address(text);
    uint8_t four[4], six[16];
    struct address address;
    bool is_four = inet_pton(AF_INET, text, four) == 1;
    bool expected = is_four || inet_pton(AF_INET6, text, six) == 1;
    bool found = read_address((struct text){text, length}, &address) == (is_four ? 32 : 128);
    EXPECT(found == expected, "'%s': libc says %d", text, expected);
    if (!expected) continue;
    struct address other = is_four ? address_of_ipv4(four) : address_of_ipv6(six);
    EXPECT(same_address(&address, &other), "'%s'", text);
    valid++;
  }
  EXPECT(valid > 50000, "only %d addresses were valid", valid);
}

/** What is written is read by libc as the same address. */
static void written(void) {
  for (int i = 0; i < 100000; i++) {
    uint8_t bytes[16];
    for (int at = 0; at < 16; at++) bytes[at] = chance(2) == 0 ? 0 : (uint8_t)chance(256);
    if (chance(3) == 0) memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\377\377", 12);
    struct endpoint endpoint = {.address = address_of_ipv6(bytes), .port = (uint16_t)chance(65536)};
    struct line line = {.length = 0};
    char text[128], host[64];
    unsigned port = 0;
    uint8_t read[16] = {[10] = 0xff, [11] = 0xff};
    add_endpoint(&line, &endpoint);
    snprintf(text, sizeof text, "%.*s", (int)line.length, line.at);
    if (is_ipv4(&endpoint.address)) {
      EXPECT(sscanf(text, "%63[0-9.]:%u", host, &port) == 2, "%s", text);
      EXPECT(inet_pton(AF_INET, host, read + 12) == 1, "%s", text);
    } else {
      EXPECT(sscanf(text, "[%63[0-9a-f:]]:%u", host, &port) == 2, "%s", text);
      EXPECT(inet_pton(AF_INET6, host, read) == 1, "%s", text);
    }
    EXPECT(memcmp(read, bytes, 16) == 0 && port == endpoint.port, "%s", text);
  }
}

static void given_to_connect(void) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(5432)};
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(443), .sin6_scope_id = 3};
  struct endpoint endpoint;
  inet_pton(AF_INET, "10.0.0.5", &in.sin_addr);
  inet_pton(AF_INET6, "::ffff:10.0.0.5", &in6.sin6_addr);
  for (size_t length = 0; length <= sizeof in6; length++) {
    // A copy of exactly this size: to read beyond it is an error.
    void *bytes = malloc(length + 1);
    memcpy(bytes, &in, length < sizeof in ? length : sizeof in);
    EXPECT(endpoint_of(bytes, length, &endpoint) == (length >= sizeof in), "%zu bytes of IPv4", length);
    memcpy(bytes, &in6, length);
    EXPECT(endpoint_of(bytes, length, &endpoint) == (length >= 24), "%zu bytes of IPv6", length);
    free(bytes);
  }
  struct address expected = address_in("10.0.0.5");
  EXPECT(endpoint_of(&in, sizeof in, &endpoint) && endpoint.port == 5432, "IPv4");
  EXPECT(same_address(&endpoint.address, &expected), "IPv4");
  EXPECT(endpoint_of(&in6, sizeof in6, &endpoint) && endpoint.port == 443, "mapped");
  EXPECT(same_address(&endpoint.address, &expected) && is_ipv4(&endpoint.address), "mapped");
  in.sin_family = AF_UNSPEC;
  EXPECT(!endpoint_of(&in, sizeof in, &endpoint) && !endpoint_of(NULL, sizeof in, &endpoint), "no address");
}

static void always_allowed(void) {
  static const char *const allowed[] = {
      "127.0.0.1", "127.255.255.255", "0.0.0.0",     "169.254.0.0",     "169.254.255.255", "::", "::1",
      "fe80::1",   "febf::1",         "fd00:ec2::1", "fd00:ec2::fd:53", "::ffff:127.0.0.1",
  };
  static const char *const blocked[] = {
      "126.255.255.255", "128.0.0.0", "0.0.0.1", "169.253.255.255", "169.255.0.0", "::2", "::1:0", "1::1",
      "fe7f::1",         "fec0::1",   "fd00:ec1::1", "fd01:ec2::1", "::127.0.0.1", "::ffff:10.0.0.1",
  };
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
    struct address address = address_in(allowed[i]);
    EXPECT(is_always_allowed(&address), "%s", allowed[i]);
  }
  for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++) {
    struct address address = address_in(blocked[i]);
    EXPECT(!is_always_allowed(&address), "%s", blocked[i]);
  }
}

void test_address(void) {
  read_like_libc();
  written();
  given_to_connect();
  always_allowed();
}
