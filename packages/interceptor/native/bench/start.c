// How long a program takes from start to end with an object loaded: start ROUNDS EMPTY OBJECT COMMAND [ARGUMENT]...
// Prints nanoseconds, a line for each pair of starts: `plain A B`, `empty A B` and `loaded A B` in each round, where A is a
// start without LD_PRELOAD and B one without it, with EMPTY and with OBJECT. Who goes first in a pair takes turns.
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static void end(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static long long run_ns(char **command, char **environment) {
  struct timespec start, stop;
  pid_t process;
  int status;
  clock_gettime(CLOCK_MONOTONIC, &start);
  int error = posix_spawnp(&process, command[0], NULL, NULL, command, environment);
  if (error != 0) end(command[0], strerror(error));
  if (waitpid(process, &status, 0) != process) end("waitpid", strerror(errno));
  clock_gettime(CLOCK_MONOTONIC, &stop);
  if (status != 0) end(command[0], "ended badly");
  return (stop.tv_sec - start.tv_sec) * 1000000000LL + (stop.tv_nsec - start.tv_nsec);
}

static char **environment_with(const char *object) {
  size_t count = 0;
  while (environ[count] != NULL) count++;
  char **all = calloc(count + 2, sizeof *all);
  if (all == NULL || asprintf(&all[0], "LD_PRELOAD=%s", object) < 0) end("memory", "exhausted");
  memcpy(all + 1, environ, count * sizeof *all);
  return all;
}

int main(int count, char **words) {
  if (count < 5) end("start", "expected: ROUNDS EMPTY OBJECT COMMAND [ARGUMENT]...");
  if (getenv("LD_PRELOAD") != NULL) end("LD_PRELOAD", "set already");
  const char *names[] = {"plain", "empty", "loaded"};
  char **environments[] = {environ, environment_with(words[2]), environment_with(words[3])};
  int rounds = atoi(words[1]);
  // The first round warms up.
  for (int round = -1; round < rounds; round++) {
    for (int kind = 0; kind < 3; kind++) {
      long long ns[2];
      for (int turn = 0; turn < 2; turn++) {
        int side = (turn + round) & 1;
        ns[side] = run_ns(words + 4, side == 0 ? environ : environments[kind]);
      }
      if (round >= 0) printf("%s %lld %lld\n", names[kind], ns[0], ns[1]);
    }
  }
  return 0;
}
