// IP addresses and endpoints, IPv4 as IPv4-mapped IPv6.
#pragma once
#include "text.h"

/** 16 bytes in network order, as two words in the machine's order of bytes: only compared, masked and hashed. */
struct address {
  union {
    uint8_t bytes[16];
    uint64_t words[2];
  };
};

struct endpoint {
  struct address address;
  uint32_t port;
  int family; // as it was given: AF_INET, or AF_INET6 also for a mapped address
};

/** Reads what connect was given; false when it is no IPv4 or IPv6 address in full. */
bool endpoint_of(const void *sockaddr, size_t length, struct endpoint *endpoint);

struct address address_of_ipv4(const uint8_t bytes[4]);
struct address address_of_ipv6(const uint8_t bytes[16]);

bool is_ipv4(const struct address *address);
bool same_address(const struct address *a, const struct address *b);

/** Loopback, unspecified (which Linux connects to loopback) and link-local: never blocked. */
bool is_always_allowed(const struct address *address);

/** Reads `1.2.3.4`, `2001:db8::1` or `::ffff:1.2.3.4`; answers how many bits were written, 32 or 128, 0 when it is none of them. */
unsigned read_address(struct text text, struct address *address);

/** Adds `1.2.3.4:80` or `[2001:db8:0:0:0:0:0:1]:80`. */
void add_endpoint(struct line *line, const struct endpoint *endpoint);
