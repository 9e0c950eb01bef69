// dlsym(RTLD_NEXT, …) would do this, but before glibc 2.34 it lives in a library that need not be loaded.
#include "next.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>

#include "text.h"

// A program without libc (a Go program, position-independent) is loaded by the same linker, which would refuse to start it.
#pragma weak dl_iterate_phdr

struct next next;
static bool is_found;
static const char *own_path;

static const char names[][21] = {
    "connect",       "sendto",        "sendmsg",        "sendmmsg",        "read",
    "recv",          "recvfrom",      "recvmsg",        "recvmmsg",        "__read_chk",
    "__recv_chk",    "__recvfrom_chk", "getaddrinfo",   "gethostbyname",   "gethostbyname2",
    "gethostbyname_r", "gethostbyname2_r", "gnu_get_libc_version",
};

enum { NAMES = sizeof names / sizeof names[0] };
_Static_assert(sizeof(struct next) == NAMES * sizeof(void *), "a name for each function, in the same order");

/** What the dynamic section of an object says of its symbols. */
struct symbols {
  uintptr_t base;
  const ElfW(Sym) *table;
  const char *texts;
  const ElfW(Half) *versions; // NULL: none
  const uint32_t *gnu_hash;   // what both libcs have, and this object, too
};

static bool holds(const struct dl_phdr_info *object, uintptr_t address) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    uintptr_t start = object->dlpi_addr + segment->p_vaddr;
    if (segment->p_type == PT_LOAD && address >= start && address - start < segment->p_memsz) return true;
  }
  return false;
}

/** glibc has made the addresses in the dynamic section absolute, musl has not. */
static const void *address_in(const struct dl_phdr_info *object, ElfW(Addr) value) {
  return (const void *)(holds(object, value) ? value : object->dlpi_addr + value);
}

static bool read_dynamic(const struct dl_phdr_info *object, struct symbols *symbols) {
  const ElfW(Dyn) *entry = NULL;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    entry = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
  }
  *symbols = (struct symbols){.base = object->dlpi_addr};
  if (entry == NULL) return false;
  for (; entry->d_tag != DT_NULL; entry++) {
    const void *address = address_in(object, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMTAB) symbols->table = address;
    else if (entry->d_tag == DT_STRTAB) symbols->texts = address;
    else if (entry->d_tag == DT_VERSYM) symbols->versions = address;
    else if (entry->d_tag == DT_GNU_HASH) symbols->gnu_hash = address;
  }
  return symbols->table != NULL && symbols->texts != NULL && symbols->gnu_hash != NULL;
}

/** A function defined here under this name and not under an old, hidden version of it. */
static void *function_at(const struct symbols *symbols, uint32_t index, struct text name) {
  const ElfW(Sym) *symbol = &symbols->table[index];
  unsigned type = symbol->st_info & 15;
  if (symbol->st_shndx == SHN_UNDEF || symbol->st_value == 0 || type != STT_FUNC) return NULL;
  if (symbols->versions != NULL && (symbols->versions[index] & 0x8000) != 0) return NULL;
  if (!same(text_of(symbols->texts + symbol->st_name), name)) return NULL;
  return (void *)(symbols->base + symbol->st_value);
}

static void *find_by_hash(const struct symbols *symbols, struct text name) {
  uint32_t hash = 5381;
  for (size_t i = 0; i < name.length; i++) hash = hash * 33 + (uint8_t)name.at[i];
  const uint32_t *table = symbols->gnu_hash;
  uint32_t bucket_count = table[0], first = table[1], bloom_words = table[2];
  const uint32_t *buckets = (const uint32_t *)((const ElfW(Addr) *)(table + 4) + bloom_words);
  const uint32_t *chain = buckets + bucket_count;
  if (bucket_count == 0) return NULL;
  uint32_t index = buckets[hash % bucket_count];
  if (index < first) return NULL;
  for (;; index++) {
    uint32_t link = chain[index - first];
    void *found = (link | 1) == (hash | 1) ? function_at(symbols, index, name) : NULL;
    if (found != NULL || (link & 1) != 0) return found;
  }
}

struct search {
  bool is_behind_own;
  void *found[NAMES];
};

static int look_into(struct dl_phdr_info *object, size_t size, void *data) {
  struct search *search = data;
  struct symbols symbols;
  (void)size;
  if (holds(object, (uintptr_t)&next_find)) {
    search->is_behind_own = true;
    own_path = object->dlpi_name;
    return 0;
  }
  if (!search->is_behind_own || !read_dynamic(object, &symbols)) return 0;
  for (int i = 0; i < NAMES; i++) {
    struct text name = text_of(names[i]);
    if (search->found[i] != NULL) continue;
    search->found[i] = find_by_hash(&symbols, name);
  }
  return 0;
}

void next_find(void) {
  if (__atomic_load_n(&is_found, __ATOMIC_ACQUIRE)) return;
  struct search search = {0};
  dl_iterate_phdr(look_into, &search);
  // Behind the last object there is nothing; whoever loaded us so late means us to use what there is.
  if (search.found[0] == NULL) {
    search.is_behind_own = true;
    dl_iterate_phdr(look_into, &search);
  }
  // Two threads may be here at the same time and store the same.
  void **to = (void **)&next;
  for (int i = 0; i < NAMES; i++) __atomic_store_n(&to[i], search.found[i], __ATOMIC_RELAXED);
  __atomic_store_n(&is_found, true, __ATOMIC_RELEASE);
}

const char *next_own_path(void) {
  return own_path;
}
