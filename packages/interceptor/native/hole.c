#include "hole.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "configuration.h"
#include "fuse.h"
#include "say.h"
#include "socket-option.h"
#include "sys.h"
#include "turn.h"

enum {
  /** Above what programs that pass numbers of descriptors on (shells, superservers) reckon with. */
  FIRST_DESCRIPTOR = 250,
  MOST_RETRIES = 127,
  /** Source: tcp_syn_retries in ip-sysctl of the Linux documentation. */
  USUAL_RETRIES = 6,
  BOUND_TO_INTERFACE = 62, // SO_BINDTOIFINDEX; Linux 5.0
  PATIENCE_S = 2,
};

struct hole {
  bool is_open;
  int listener;
  struct detour where;
};

/** On ::1 and on 127.0.0.1; one descriptor each, made when the first connect is led there. */
static struct hole holes[2];
static bool is_failure_said;

static bool is_refusing(void) {
  return configuration.behavior == REFUSE;
}

/** Where the socket is bound; false when that cannot be said. */
static bool find_place(long socket, struct detour *where) {
  where->length = sizeof where->in6;
  return sys3(socket, at(&where->any), at(&where->length), SYS_getsockname) == 0;
}

/** The program may have closed all descriptors that it does not know, and opened others under their numbers. */
static bool is_intact(const struct hole *hole) {
  struct detour here;
  return hole->is_open && socket_option(hole->listener, SOL_SOCKET, SO_ACCEPTCONN) != is_refusing() &&
         find_place(hole->listener, &here) && here.any.sa_family == hole->where.any.sa_family &&
         here.in.sin_port == hole->where.in.sin_port;
}

static long new_socket(int family) {
  return sys3(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, SYS_socket);
}

/**
 * Takes the one place in the listener's queue; the kernel drops every later SYN. The connection may be closed at once:
 * it keeps its place until somebody accepts it.
 */
static bool fill(const struct hole *hole) {
  long filler = new_socket(hole->where.any.sa_family);
  if (filler < 0) return false;
  long result = sys3(filler, at(&hole->where.any), hole->where.length, SYS_connect);
  bool filled = (result == 0 || result == -EINPROGRESS) && is_ready(hole->listener, POLLIN, PATIENCE_S);
  close_descriptor(filler);
  return filled;
}

/** Makes a new one and puts it into `hole` when it works. */
static bool dig(struct hole *hole, int family) {
  struct hole made = {.is_open = true};
  struct detour *where = &made.where;
  long listener = new_socket(family);
  if (listener < 0) return false;
  // Out of the way of the numbers that the program will get and may rely on; it stays where it is when that is not to be had.
  long moved = sys3(listener, F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR, SYS_fcntl);
  if (moved >= 0) {
    close_descriptor(listener);
    listener = moved;
  }
  made.listener = (int)listener;
  where->any.sa_family = (sa_family_t)family;
  if (family == AF_INET) where->in.sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK);
  else where->in6.sin6_addr.s6_addr[15] = 1;
  // Of IPv4, the kernel takes a length that is more than enough.
  bool works = sys3(listener, at(&where->any), sizeof where->in6, SYS_bind) == 0 && find_place(listener, where) &&
               // A port that is taken and does not listen refuses.
               (is_refusing() || (sys3(listener, 0, 0, SYS_listen) == 0 && fill(&made)));
  if (works) *hole = made;
  else close_descriptor(listener);
  return works;
}

/** The one on 127.0.0.1 or on ::1; for an IPv6 socket the former under its mapped address. */
static const struct detour *open_hole(int family, bool ipv4) {
  static uint64_t turn;
  static struct detour mapped;
  if (!turn_take(&turn)) return NULL;
  struct hole *hole = &holes[ipv4];
  const struct detour *where = is_intact(hole) || dig(hole, ipv4 ? AF_INET : AF_INET6) ? &hole->where : NULL;
  if (where != NULL && where->any.sa_family != family) {
    struct address address = address_of_ipv4((const uint8_t *)&where->in.sin_addr);
    mapped.length = sizeof mapped.in6;
    mapped.in6.sin6_family = AF_INET6;
    mapped.in6.sin6_port = where->in.sin_port;
    __builtin_memcpy(&mapped.in6.sin6_addr, &address, sizeof address);
    where = &mapped;
  }
  turn_give(&turn);
  return where;
}

/** As long as asked for; a hang ends with the fault, so that the program heals itself. */
static uint64_t patience_ms(void) {
  if (configuration.behavior == TIMEOUT) return configuration.timeout_ms;
  uint64_t left = fuse_left_ms();
  return left > INT32_MAX ? INT32_MAX : left;
}

/** What the program itself has set is its own limit. MPTCP has no time-out to set: the kernel's two minutes hold there. */
static void set_patience(int socket) {
  int patience = (int)patience_ms();
  int own = socket_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT);
  if (socket_option(socket, IPPROTO_TCP, TCP_SYNCNT) == USUAL_RETRIES) {
    set_socket_option(socket, IPPROTO_TCP, TCP_SYNCNT, MOST_RETRIES);
  }
  // 0 is no limit, which is the longest.
  if ((unsigned)patience - 1 < (unsigned)own - 1) {
    set_socket_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, patience);
  }
}

const struct detour *hole_detour(int socket, int family, bool ipv4) {
  static struct detour refused; // of memory that is zero at first, which takes no room in a file
  // Bound to an interface, it would send to our loopback address over that one.
  bool is_bound = socket_option(socket, SOL_SOCKET, BOUND_TO_INTERFACE) > 0;
  const struct detour *where = is_bound ? NULL : open_hole(family, ipv4);
  if (where != NULL) {
    // With fast open the kernel would report success before it has sent anything.
    set_socket_option(socket, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0);
    if (!is_refusing()) set_patience(socket);
    return where;
  }
  if (is_refusing()) return &refused;
  if (!__atomic_exchange_n(&is_failure_said, true, __ATOMIC_RELAXED)) {
    warn(TEXT("no way to a listener on loopback: what should time out or hang passes"));
  }
  return NULL;
}
