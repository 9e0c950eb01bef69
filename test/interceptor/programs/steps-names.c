// The steps that look names up: through libc, and by asking a DNS server as a library of its own would.
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "steps.h"

static char said[1024];

static void add(int family, const void *address) {
  char text[64];
  inet_ntop(family, address, text, sizeof text);
  if (strstr(said, text) != NULL) return;
  if (said[0] != 0) strcat(said, ",");
  strcat(said, text);
}

static void add_found(const struct addrinfo *found) {
  for (; found != NULL; found = found->ai_next) {
    if (found->ai_family == AF_INET) add(AF_INET, &((struct sockaddr_in *)found->ai_addr)->sin_addr);
    if (found->ai_family == AF_INET6) add(AF_INET6, &((struct sockaddr_in6 *)found->ai_addr)->sin6_addr);
  }
}

static const char *by_addrinfo(const char *how, const char *name) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
  if (strcmp(how, "canonical") == 0) hints.ai_flags = AI_CANONNAME;
  if (strcmp(how, "numeric") == 0) hints.ai_flags = AI_NUMERICHOST;
  if (strcmp(how, "four") == 0) hints.ai_family = AF_INET;
  int error = getaddrinfo(name, "80", strcmp(how, "no-hints") == 0 ? NULL : &hints, &found);
  if (error != 0) return error == EAI_NONAME ? "not found" : gai_strerror(error);
  add_found(found);
  if (strcmp(how, "canonical") == 0) {
    strcat(said, " is ");
    strcat(said, found->ai_canonname);
  }
  freeaddrinfo(found);
  return said;
}

const char *step_lookup(const char *how, const char *name) {
  struct hostent space, *host = NULL;
  char buffer[4096];
  int error;
  said[0] = 0;
  if (strncmp(how, "gethost", 7) != 0) return by_addrinfo(how, name);
  if (strcmp(how, "gethostbyname") == 0) host = gethostbyname(name);
  if (strcmp(how, "gethostbyname2") == 0) host = gethostbyname2(name, AF_INET6);
  if (strcmp(how, "gethostbyname_r") == 0) gethostbyname_r(name, &space, buffer, sizeof buffer, &host, &error);
  if (strcmp(how, "gethostbyname2_r") == 0) {
    gethostbyname2_r(name, AF_INET6, &space, buffer, sizeof buffer, &host, &error);
  }
  if (host == NULL) return "not found";
  for (char **each = host->h_addr_list; *each != NULL; each++) add(host->h_addrtype, *each);
  return said;
}

const char *step_query(int fd, const char *server, const char *name, const char *type) {
  uint8_t query[512] = {0x12, 0x34, 0x01, 0x00, 0, 1};
  size_t length = 12;
  while (*name != 0) {
    size_t size = strcspn(name, ".");
    query[length++] = (uint8_t)size;
    memcpy(query + length, name, size);
    length += size;
    name += size + (name[size] == '.');
  }
  query[++length] = 0;
  query[++length] = strcmp(type, "AAAA") == 0 ? 28 : 1;
  query[length += 2] = 1;
  length++;
  ssize_t sent;
  if (strcmp(server, "-") == 0) {
    sent = send(fd, query, length, 0);
  } else {
    struct to to = read_to(server);
    sent = sendto(fd, query, length, 0, (struct sockaddr *)&to.bytes, to.size);
  }
  return name_of(sent < 0 ? errno : 0);
}

const char *step_answer(int fd, const char *how) {
  // Volatile, so that a compiler cannot know the size and a fortified call stays one.
  volatile size_t room = 1000;
  uint8_t answer[1000], rest[1000];
  struct iovec parts[2] = {{answer, 100}, {rest, sizeof rest}};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = parts, .msg_iovlen = 2}}};
  ssize_t got = -1;
  if (strcmp(how, "recv") == 0) got = recv(fd, answer, room, 0);
  if (strcmp(how, "recvfrom") == 0) got = recvfrom(fd, answer, room, 0, NULL, NULL);
  if (strcmp(how, "read") == 0) got = read(fd, answer, room);
  if (strcmp(how, "recvmsg") == 0) got = recvmsg(fd, &messages->msg_hdr, 0);
  // One of two, since the second would be waited for.
  if (strcmp(how, "recvmmsg") == 0 && recvmmsg(fd, messages, 2, MSG_WAITFORONE, NULL) == 1) got = messages[0].msg_len;
  if (got < 0) return name_of(errno);
  snprintf(said, sizeof said, "%d answers", got < 12 ? -1 : answer[6] << 8 | answer[7]);
  return said;
}
