#include "hole.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <time.h>

#include "configuration.h"
#include "fuse.h"
#include "say.h"
#include "socket-option.h"
#include "sys.h"

enum {
  /** Above what programs that pass numbers of descriptors on (shells, superservers) reckon with. */
  FIRST_DESCRIPTOR = 250,
  MOST_RETRIES = 127,
  MOST_WAITS = 20000,
  PATIENCE_S = 2,
};

struct hole {
  bool is_open;
  int listener;
  struct detour where;
};

/** On ::1 and on 127.0.0.1; one descriptor each, made when the first connect is led there. */
static struct hole holes[2];
static bool is_busy;
static bool is_failure_said;

/** The program may have closed all descriptors that it does not know, and opened others under their numbers. */
static bool is_intact(const struct hole *hole) {
  struct detour here = {.length = sizeof here.in6};
  if (!hole->is_open || socket_option(hole->listener, SOL_SOCKET, SO_ACCEPTCONN) != 1) return false;
  if (sys3(hole->listener, at(&here.any), at(&here.length), SYS_getsockname) < 0) return false;
  return here.any.sa_family == hole->where.any.sa_family && here.in.sin_port == hole->where.in.sin_port;
}

/** Out of the way of the numbers that the program will get and may rely on; stays where it is when that is not to be had. */
static int move_up(int descriptor) {
  long moved = sys3(descriptor, F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR, SYS_fcntl);
  if (moved < 0) return descriptor;
  sys3(descriptor, 0, 0, SYS_close);
  return (int)moved;
}

static int new_socket(int family) {
  return (int)sys3(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, SYS_socket);
}

/**
 * Takes the one place in the listener's queue; the kernel drops every later SYN. The connection may be closed at once:
 * it keeps its place until somebody accepts it.
 */
static bool fill(const struct hole *hole) {
  int filler = new_socket(hole->where.any.sa_family);
  if (filler < 0) return false;
  long result = sys3(filler, at(&hole->where.any), hole->where.length, SYS_connect);
  struct pollfd queue = {.fd = hole->listener, .events = POLLIN};
  struct timespec patience = {PATIENCE_S, 0};
  bool filled = (result == 0 || result == -EINPROGRESS) && sys6(at(&queue), 1, at(&patience), 0, 8, 0, SYS_ppoll) == 1;
  sys3(filler, 0, 0, SYS_close);
  return filled;
}

static bool dig(struct hole *hole, int family) {
  struct detour *where = &hole->where;
  *where = (struct detour){.length = family == AF_INET ? sizeof where->in : sizeof where->in6};
  where->any.sa_family = (sa_family_t)family;
  if (family == AF_INET) where->in.sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK);
  else where->in6.sin6_addr.s6_addr[15] = 1;
  hole->is_open = false;
  hole->listener = new_socket(family);
  if (hole->listener < 0) return false;
  hole->listener = move_up(hole->listener);
  hole->is_open = sys3(hole->listener, at(&where->any), where->length, SYS_bind) == 0 &&
                  sys3(hole->listener, 0, 0, SYS_listen) == 0 &&
                  sys3(hole->listener, at(&where->any), at(&where->length), SYS_getsockname) == 0 && fill(hole);
  if (!hole->is_open) sys3(hole->listener, 0, 0, SYS_close);
  return hole->is_open;
}

/** One thread at a time. A process that was forked off while another thread dug would wait for ever: hence a bound. */
static bool begin(void) {
  for (int i = 0; i < MOST_WAITS; i++) {
    if (!__atomic_exchange_n(&is_busy, true, __ATOMIC_ACQUIRE)) return true;
    sys3(0, 0, 0, SYS_sched_yield);
  }
  return false;
}

/** The one on 127.0.0.1 or on ::1; for an IPv6 socket the former under its mapped address. */
static const struct detour *open_hole(int family, bool ipv4) {
  static struct detour mapped;
  bool is_ours = begin();
  struct hole *hole = &holes[ipv4];
  const struct detour *where = is_intact(hole) || dig(hole, ipv4 ? AF_INET : AF_INET6) ? &hole->where : NULL;
  if (where != NULL && ipv4 && family == AF_INET6) {
    mapped.length = sizeof mapped.in6;
    mapped.in6.sin6_family = AF_INET6;
    mapped.in6.sin6_port = where->in.sin_port;
    struct address address = address_of_ipv4((const uint8_t *)&where->in.sin_addr);
    memcpy(&mapped.in6.sin6_addr, address.bytes, sizeof address.bytes);
    where = &mapped;
  }
  if (is_ours) __atomic_store_n(&is_busy, false, __ATOMIC_RELEASE);
  return where;
}

/** As long as asked for; a hang ends with the fault, so that the program heals itself. */
static uint64_t patience_ms(void) {
  if (configuration.behavior == TIMEOUT) return configuration.timeout_ms;
  uint64_t left = fuse_left_ms();
  return left > INT32_MAX ? INT32_MAX : left;
}

const struct detour *hole_detour(int socket, int family, bool ipv4) {
  const struct detour *where = open_hole(family, ipv4);
  if (where != NULL) {
    set_socket_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    // With fast open the kernel would report success before it has sent anything.
    set_socket_option(socket, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0);
    set_socket_option(socket, IPPROTO_TCP, TCP_SYNCNT, MOST_RETRIES);
    // MPTCP has no such option: the kernel gives up after its own two minutes then.
    set_socket_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)patience_ms());
    return where;
  }
  if (!__atomic_exchange_n(&is_failure_said, true, __ATOMIC_RELAXED)) {
    warn(TEXT("no listener on loopback: a connect that should time out or hang passes"));
  }
  return NULL;
}
