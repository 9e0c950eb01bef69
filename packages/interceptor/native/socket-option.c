#include "socket-option.h"

#include <sys/socket.h>

#include "sys.h"

int socket_option(int socket, int level, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  long result = sys6(socket, level, name, at(&value), at(&length), 0, SYS_getsockopt);
  return result < 0 ? -1 : value;
}

void set_socket_option(int socket, int level, int name, int value) {
  sys6(socket, level, name, at(&value), sizeof value, 0, SYS_setsockopt);
}
