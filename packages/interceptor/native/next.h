// The functions that would have been called if the interceptor were not there: those of the next object in load order.
#pragma once
#include <netdb.h>
#include "truth.h"
#include <sys/socket.h>
#include <sys/types.h>

#define EXPORT __attribute__((visibility("default")))

/** Whoever calls one of ours was linked to it by the loader, so that there is one behind it; only the last may be NULL. */
struct next {
  int (*connect)(int, const struct sockaddr *, socklen_t);
  ssize_t (*sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
  ssize_t (*sendmsg)(int, const struct msghdr *, int);
  int (*sendmmsg)(int, void *, unsigned, int);
  ssize_t (*read)(int, void *, size_t);
  ssize_t (*recv)(int, void *, size_t, int);
  ssize_t (*recvfrom)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
  ssize_t (*recvmsg)(int, struct msghdr *, int);
  int (*recvmmsg)(int, void *, unsigned, int, void *);
  ssize_t (*read_chk)(int, void *, size_t, size_t);
  ssize_t (*recv_chk)(int, void *, size_t, size_t, int);
  ssize_t (*recvfrom_chk)(int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
  int (*getaddrinfo)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  struct hostent *(*gethostbyname)(const char *);
  struct hostent *(*gethostbyname2)(const char *, int);
  int (*gethostbyname_r)(const char *, struct hostent *, char *, size_t, struct hostent **, int *);
  int (*gethostbyname2_r)(const char *, int, struct hostent *, char *, size_t, struct hostent **, int *);
  /** Only glibc has it. */
  const char *(*gnu_get_libc_version)(void);
};

extern struct next next;

/** Finds them all, the first time. */
void next_find(void);

/** The path under which this object was loaded; NULL when it was not found. */
const char *next_own_path(void);
