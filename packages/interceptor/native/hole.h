// A black hole on loopback: a listener whose queue is full, so that the kernel itself lets a connect time out or hang.
#pragma once
#include <netinet/in.h>
#include <stdbool.h>

/** Where a connect is led instead. */
struct detour {
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
  };
  socklen_t length;
};

/**
 * Prepares the socket, of `family`, and answers where to connect it; NULL, said once, when that cannot be had.
 * `ipv4` is about the address that it was to be connected to: where IPv4 is used there need not be a ::1.
 */
const struct detour *hole_detour(int socket, int family, bool ipv4);
