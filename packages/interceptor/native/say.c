#include "say.h"

#include <asm/stat.h>
#include <asm/unistd.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include "socket-option.h"
#include "sys.h"

enum { STANDARD_ERROR = 2 };

static bool is_silent;

void line_begin(struct line *line, struct text kind) {
  line->length = 0;
  add_text(line, TEXT("unplug: "));
  add_text(line, kind);
  add_text(line, TEXT(" pid="));
  add_number(line, (uint64_t)sys3(0, 0, 0, SYS_getpid));
}

void say_begin(void) {
  struct stat status;
  is_silent = sys3(STANDARD_ERROR, at(&status), 0, SYS_fstat) < 0;
}

static bool takes_now(void) {
  struct pollfd waiting = {.fd = STANDARD_ERROR, .events = POLLOUT};
  struct timespec now = {0, 0};
  long ready = sys6(at(&waiting), 1, at(&now), 0, 8, 0, SYS_ppoll);
  return ready == 1 && (waiting.revents & POLLOUT) != 0;
}

/** A pipe that nobody reads, or a limit on the size of files, must not end the program by a signal of ours. */
static void write_without_signal(const struct line *line) {
  uint64_t ours = (uint64_t)1 << (SIGPIPE - 1) | (uint64_t)1 << (SIGXFSZ - 1);
  uint64_t before = 0, pending = 0;
  struct timespec now = {0, 0};
  sys6(SIG_BLOCK, at(&ours), at(&before), 8, 0, 0, SYS_rt_sigprocmask);
  sys3(at(&pending), 8, 0, SYS_rt_sigpending);
  long written = sys3(STANDARD_ERROR, at(line->at), (long)line->length, SYS_write);
  uint64_t raised = ours & ~pending;
  if ((written == -EPIPE || written == -EFBIG) && raised != 0) {
    sys6(at(&raised), 0, at(&now), 8, 0, 0, SYS_rt_sigtimedwait);
  }
  sys6(SIG_SETMASK, at(&before), 0, 8, 0, 0, SYS_rt_sigprocmask);
}

void line_say(struct line *line) {
  int domain = socket_option(STANDARD_ERROR, SOL_SOCKET, SO_DOMAIN);
  bool is_pipe_or_file = domain == -1;
  // A program that closed its standard error may have a connection under the number: not ours to write to.
  if (is_silent || (!is_pipe_or_file && domain != AF_UNIX)) return;
  if (line->length == sizeof line->at) line->length--;
  add_text(line, TEXT("\n"));
  if (!is_pipe_or_file) {
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
