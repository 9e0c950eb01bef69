// The steps that hand the kernel what it refuses, or nearly so.
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "steps.h"

static const char *outcome(long result) {
  return name_of(result < 0 ? errno : 0);
}

/** The end of memory, behind which there is none. */
static char *end_of_memory(void) {
  static char *end;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (end != NULL) return end;
  char *pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 2 * page, page);
  return end = pages + 2 * page;
}

/** ADDRESS, at a place where `inside` bytes of it are before the end of memory; `null` and `none` are no memory at all. */
static void *place(const char *where, const struct to *to) {
  if (strcmp(where, "null") == 0) return NULL;
  if (strcmp(where, "none") == 0) return end_of_memory() + 64;
  if (strcmp(where, "kernel") == 0) return (void *)0xffffffff80000000;
  size_t inside = (size_t)atoi(where);
  void *start = end_of_memory() - inside;
  memcpy(start, &to->bytes, inside < to->size ? inside : to->size);
  return start;
}

const char *step_bad(int fd, char **words) {
  struct to to = read_to(words[4]);
  void *address = place(words[2], &to);
  socklen_t length = words[5] == NULL ? to.size : (socklen_t)atoi(words[5]);
  struct iovec part = {.iov_base = "x", .iov_len = 1};
  struct msghdr message = {.msg_name = address, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
  errno = EXDEV;
  if (strcmp(words[3], "sendto") == 0) return outcome(sendto(fd, "x", 1, MSG_FASTOPEN, address, length));
  if (strcmp(words[3], "sendmsg") == 0) return outcome(sendmsg(fd, &message, MSG_FASTOPEN));
  if (strcmp(words[3], "message") == 0) return outcome(sendmsg(fd, address, MSG_FASTOPEN));
  return outcome(connect(fd, address, length));
}
