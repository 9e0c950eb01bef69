// cancel connect ADDRESS | cancel read: cancels a thread that waits there; says whether that ended it, and whether what it
// had to put in order was put in order: a handler that it pushed, and a variable with a cleanup attribute.
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static atomic_int handled, cleaned, is_waiting;
static struct sockaddr_in to = {.sin_family = AF_INET};

static void handle(void *argument) {
  (void)argument;
  handled = 1;
}

static void clean(int *argument) {
  (void)argument;
  cleaned = 1;
}

static void *wait_in(void *what) {
  __attribute__((cleanup(clean))) int variable = 0;
  char byte;
  int ends[2];
  (void)variable;
  pthread_cleanup_push(handle, NULL);
  is_waiting = 1;
  if (strcmp(what, "connect") == 0) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) puts("connected");
  } else if (pipe(ends) == 0 && read(ends[0], &byte, 1) == 1) {
    puts("read");
  }
  pthread_cleanup_pop(0);
  return NULL;
}

/** Whether the one other thread waits, as the kernel tells it. Its number is another one here than in /proc, perhaps. */
static int is_asleep(void) {
  char own[32] = "", path[300], text[512] = "";
  char *state = NULL;
  DIR *folder = opendir("/proc/self/task");
  if (folder == NULL || readlink("/proc/self", own, sizeof own - 1) < 0) exit(1);
  for (struct dirent *entry; state == NULL && (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.' || strcmp(entry->d_name, own) == 0) continue;
    snprintf(path, sizeof path, "/proc/self/task/%s/stat", entry->d_name);
    FILE *file = fopen(path, "r");
    if (file == NULL) continue;
    if (fgets(text, sizeof text, file) != NULL) state = strrchr(text, ')');
    fclose(file);
  }
  closedir(folder);
  return state != NULL && state[2] == 'S';
}

int main(int argc, char **argv) {
  struct timespec limit, pause = {0, 1000000};
  pthread_t thread;
  void *result = NULL;
  if (argc > 2) {
    char *port = strchr(argv[2], ':');
    *port++ = 0;
    to.sin_port = htons((uint16_t)atoi(port));
    inet_pton(AF_INET, argv[2], &to.sin_addr);
  }
  pthread_create(&thread, NULL, wait_in, argv[1]);
  while (!is_waiting || !is_asleep()) nanosleep(&pause, NULL);
  pthread_cancel(thread);
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_sec += 10;
  int late = pthread_timedjoin_np(thread, &result, &limit);
  printf("%s, handler %s, cleanup %s\n", late == 0 && result == PTHREAD_CANCELED ? "cancelled" : "not cancelled",
         handled ? "ran" : "did not run", cleaned ? "ran" : "did not run");
  return 0;
}
