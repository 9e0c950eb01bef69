#include "say.h"

#include <asm/stat.h>
#include <asm/unistd.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include "socket-option.h"
#include "sys.h"

enum {
  STANDARD_ERROR = 2,
  // Source: inode(7). libc's header that names them has a struct stat of its own.
  TYPE_OF_FILE = 0170000,
  TYPE_SOCKET = 0140000,
};

/** What standard error was when the program was armed; later the number may be another file's, not ours to write to. */
static struct stat armed_with;
static bool is_silent;

void line_begin(struct line *line, struct text kind) {
  line->length = 0;
  add_text(line, TEXT("unplug: "));
  add_text(line, kind);
  add_text(line, TEXT(" pid="));
  add_number(line, (uint64_t)sys3(0, 0, 0, SYS_getpid));
}

void say_begin(void) {
  int domain = socket_option(STANDARD_ERROR, SOL_SOCKET, SO_DOMAIN);
  is_silent = (domain != -1 && domain != AF_UNIX) || sys3(STANDARD_ERROR, at(&armed_with), 0, SYS_fstat) < 0;
}

static bool takes_now(void) {
  struct pollfd waiting = {.fd = STANDARD_ERROR, .events = POLLOUT};
  struct timespec now = {0, 0};
  long ready = sys6(at(&waiting), 1, at(&now), 0, 8, 0, SYS_ppoll);
  return ready == 1 && (waiting.revents & POLLOUT) != 0;
}

/** A pipe that nobody reads, a limit on sizes, a terminal of another job: none may end or stop the program for our line. */
static void write_without_signal(const struct line *line) {
  uint64_t ends = (uint64_t)1 << (SIGPIPE - 1) | (uint64_t)1 << (SIGXFSZ - 1);
  uint64_t ours = ends | (uint64_t)1 << (SIGTTOU - 1);
  uint64_t before = 0, pending = 0;
  struct timespec now = {0, 0};
  sys6(SIG_BLOCK, at(&ours), at(&before), 8, 0, 0, SYS_rt_sigprocmask);
  sys3(at(&pending), 8, 0, SYS_rt_sigpending);
  long written = sys3(STANDARD_ERROR, at(line->at), (long)line->length, SYS_write);
  uint64_t raised = ends & ~pending;
  if ((written == -EPIPE || written == -EFBIG) && raised != 0) {
    sys6(at(&raised), 0, at(&now), 8, 0, 0, SYS_rt_sigtimedwait);
  }
  sys6(SIG_SETMASK, at(&before), 0, 8, 0, 0, SYS_rt_sigprocmask);
}

void line_say(struct line *line) {
  struct stat now;
  if (is_silent || sys3(STANDARD_ERROR, at(&now), 0, SYS_fstat) < 0) return;
  if (now.st_dev != armed_with.st_dev || now.st_ino != armed_with.st_ino) return;
  if (line->length == sizeof line->at) line->length--;
  add_text(line, TEXT("\n"));
  if ((now.st_mode & TYPE_OF_FILE) == TYPE_SOCKET) {
    sys6(STANDARD_ERROR, at(line->at), (long)line->length, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0, SYS_sendto);
  } else if (takes_now()) {
    write_without_signal(line);
  }
}

void warn(struct text reason) {
  struct line line;
  line_begin(&line, TEXT("warning"));
  add_text(&line, TEXT(" reason="));
  add_text(&line, reason);
  line_say(&line);
}

void say_full(void) {
  warn(TEXT("the table of learned addresses is full (4096); later ones are not blocked by name"));
}
