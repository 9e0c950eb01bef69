// replay FILE...: hands each file to the fuzzer's function once, where there is no fuzzer.
#include "invariant.h"

#include <unistd.h>

int main(int argc, char **argv) {
  static uint8_t data[1 << 20];
  for (int i = 1; i < argc; i++) {
    FILE *file = fopen(argv[i], "rb");
    INVARIANT(file != NULL);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    // Memory of its own size: whoever reads beyond the end is found out.
    uint8_t *exact = malloc(size == 0 ? 1 : size);
    INVARIANT(exact != NULL);
    memcpy(exact, data, size);
    fprintf(stderr, "%s\n", argv[i]);
    // None takes a thousandth of that: it would be caught in a loop.
    alarm(5);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
  }
  return 0;
}
