#pragma once
#include <stdbool.h>
#include <sys/socket.h>

/** An address as connect takes it. */
struct to {
  struct sockaddr_storage bytes;
  socklen_t size;
};

/** "ok" for 0, and the name of an errno. */
const char *name_of(int number);

/** Reads `10.0.0.1:80`, `[::1]:80` or `unix:PATH`. */
struct to read_to(const char *text);

/** libc, fastopen-cookie, descriptors, close-all, stderr HOW, peer, alarm MS, until SECONDS: see steps-process.c. */
const char *step_process(const char *what, const char *how);

/** lookup HOW NAME: the addresses that HOW (getaddrinfo, canonical, gethostbyname …) finds, in order. */
const char *step_lookup(const char *how, const char *name);

/** query FD SERVER NAME TYPE: asks by sendto, or by send when SERVER is "-" and the socket is connected. */
const char *step_query(int fd, const char *server, const char *name, const char *type);

/** answer FD HOW: receives by HOW (recv, recvfrom, recvmsg, recvmmsg, read …); says how many answers are in it. */
const char *step_answer(int fd, const char *how);

/** bad S WHERE HOW ADDRESS [LENGTH]: connects by HOW (connect, sendto, sendmsg) to an address that lies badly: see steps-bad.c. */
const char *step_bad(int fd, char **words);
