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
  add_field(line, "unplug: ", kind);
  add_count(line, " pid=", (uint64_t)own_process());
}

void say_begin(void) {
  int domain = socket_option(STANDARD_ERROR, SOL_SOCKET, SO_DOMAIN);
  is_silent = (domain != -1 && domain != AF_UNIX) || sys3(STANDARD_ERROR, at(&armed_with), 0, SYS_fstat) < 0;
}

/** A pipe that nobody reads, a limit on sizes, a terminal of another job: none may end or stop the program for our line. */
static void write_without_signal(const struct line *line) {
  uint64_t ends = (uint64_t)1 << (SIGPIPE - 1) | (uint64_t)1 << (SIGXFSZ - 1);
  uint64_t ours = ends | (uint64_t)1 << (SIGTTOU - 1);
  uint64_t before = 0, pending = 0;
  struct timespec now = {0, 0};
  signal_call(SIG_BLOCK, &ours, &before, SYS_rt_sigprocmask);
  sys3(at(&pending), 8, 0, SYS_rt_sigpending);
  long written = sys3(STANDARD_ERROR, at(line->at), (long)line->length, SYS_write);
  uint64_t raised = ends & ~pending;
  if ((written == -EPIPE || written == -EFBIG) && raised != 0) {
    signal_call(at(&raised), NULL, &now, SYS_rt_sigtimedwait);
  }
  signal_call(SIG_SETMASK, &before, NULL, SYS_rt_sigprocmask);
}

void line_say(struct line *line) {
  struct stat now;
  if (is_silent || sys3(STANDARD_ERROR, at(&now), 0, SYS_fstat) < 0) return;
  if (now.st_dev != armed_with.st_dev || now.st_ino != armed_with.st_ino) return;
  if (line->length == sizeof line->at) line->length--;
  add_char(line, '\n');
  if ((now.st_mode & TYPE_OF_FILE) == TYPE_SOCKET) {
    sys6(STANDARD_ERROR, at(line->at), (long)line->length, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0, SYS_sendto);
  } else if (is_ready(STANDARD_ERROR, POLLOUT, 0)) {
    write_without_signal(line);
  }
}

void say_reason(struct text kind, struct text reason, struct text more) {
  struct line line;
  line_begin(&line, kind);
  add_field(&line, " reason=", reason);
  add_text(&line, more);
  line_say(&line);
}

void warn(struct text reason) {
  say_reason(TEXT("warning"), reason, (struct text){NULL, 0});
}

void say_full(void) {
  warn(TEXT("the table of learned addresses is full (4096); later ones are not blocked by name"));
}
