// threads COUNT CONNECTS BLOCKED ALLOWED refused|pending: so many threads connect so often to both, turn by turn, all
// beginning at once. Says how many connects went each way, and how many descriptors there are besides the sockets.
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in blocked, allowed;
static int connects, is_pending;
static pthread_barrier_t start;

struct counts {
  int failed;
  int connected;
  int wrong;
};

static struct sockaddr_in address_of(char *text) {
  struct sockaddr_in in = {.sin_family = AF_INET};
  char *port = strchr(text, ':');
  *port++ = 0;
  in.sin_port = htons((uint16_t)atoi(port));
  if (inet_pton(AF_INET, text, &in.sin_addr) != 1) abort();
  return in;
}

static int connect_to(const struct sockaddr_in *to, int flags, int *fd) {
  *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  return connect(*fd, (const struct sockaddr *)to, sizeof *to) == 0 ? 0 : errno;
}

static void *run(void *argument) {
  struct counts *counts = argument;
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  int *pending = calloc((size_t)connects, sizeof *pending), fd;
  pthread_barrier_wait(&start);
  for (int i = 0; i < connects; i++) {
    int result = connect_to(&blocked, is_pending ? SOCK_NONBLOCK : 0, &fd);
    if (result == (is_pending ? EINPROGRESS : ECONNREFUSED)) counts->failed++;
    else counts->wrong++;
    if (is_pending) pending[i] = fd;
    else close(fd);
    result = connect_to(&allowed, 0, &fd);
    if (result == 0) counts->connected++;
    else counts->wrong++;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
  }
  for (int i = 0; is_pending && i < connects; i++) {
    struct pollfd one = {.fd = pending[i], .events = POLLOUT};
    if (poll(&one, 1, 0) != 0) counts->wrong++;
    close(pending[i]);
  }
  free(pending);
  return NULL;
}

static int descriptors(void) {
  int open = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (readdir(folder) != NULL) open++;
  closedir(folder);
  return open;
}

int main(int argc, char **argv) {
  pthread_t threads[64];
  struct counts counts[64] = {{0}}, sum = {0};
  int count = atoi(argv[1]), before = descriptors();
  if (argc < 6) return 2;
  connects = atoi(argv[2]);
  blocked = address_of(argv[3]);
  allowed = address_of(argv[4]);
  is_pending = strcmp(argv[5], "pending") == 0;
  pthread_barrier_init(&start, NULL, (unsigned)count);
  for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, run, &counts[i]);
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    sum.failed += counts[i].failed;
    sum.connected += counts[i].connected;
    sum.wrong += counts[i].wrong;
  }
  printf("%d failed, %d connected, %d wrong, %d descriptors more\n", sum.failed, sum.connected, sum.wrong,
         descriptors() - before);
  return 0;
}
