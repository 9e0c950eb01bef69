// A hole on loopback that connects are led into, so that the kernel itself fails them: a port that does not listen refuses, a
// listener whose queue is full lets them time out or hang.
#pragma once
#include <netinet/in.h>
#include "truth.h"

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
 * Prepares the socket, of `family`, and answers where to connect it; without a length: refuse it at once; NULL, said once: it
 * passes, since no hole can be had. `ipv4` is about the address that it was to be connected to: where IPv4 is used there need not
 * be a ::1.
 */
const struct detour *hole_detour(int socket, int family, bool ipv4);
