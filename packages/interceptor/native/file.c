#include "file.h"

#include <fcntl.h>

#include "sys.h"

long read_file(const char *path, char *to, size_t room) {
  long file = sys6(AT_FDCWD, at(path), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0, 0, 0, SYS_openat);
  if (file < 0) return -1;
  size_t length = 0;
  while (length < room) {
    long got = sys3(file, at(to + length), (long)(room - length), SYS_read);
    if (got <= 0) break;
    length += (size_t)got;
  }
  close_descriptor(file);
  return (long)length;
}
