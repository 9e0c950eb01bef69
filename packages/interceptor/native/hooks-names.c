// Look-ups succeed as usual; what they answer tells which addresses belong to a target.
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>

#include "arm.h"
#include "next.h"
#include "rules.h"
#include "say.h"

static void learn(const struct matches *matches, const struct address *address) {
  if (!rules_learn(matches, address)) say_full();
}

static void match(const char *name, struct matches *matches) {
  if (name != NULL) rules_match_name(text_of(name), matches);
}

/** Asks for the canonical name, so that a target is known behind its alias, too; not where asking is an error. */
static bool wants_canonical_name(const char *name, const struct addrinfo *hints) {
  if (name == NULL || !rules.has_names) return false;
  return hints == NULL || (hints->ai_flags & (AI_NUMERICHOST | AI_CANONNAME)) == 0;
}

EXPORT int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  struct matches matches;
  matches.count = 0;
  struct addrinfo more;
  next_find();
  if (next.getaddrinfo == NULL) return EAI_FAIL;
  if (!arm()) return next.getaddrinfo(name, service, hints, found);
  match(name, &matches);
  if (wants_canonical_name(name, hints)) {
    // Source: getaddrinfo(3): in glibc, no hints are these flags; in musl they are none.
    more = (struct addrinfo){.ai_flags = next.gnu_get_libc_version != NULL ? AI_V4MAPPED | AI_ADDRCONFIG : 0};
    if (hints != NULL) more = *hints;
    more.ai_flags |= AI_CANONNAME;
    hints = &more;
  }
  int result = next.getaddrinfo(name, service, hints, found);
  if (result != 0) return result;
  if (*found != NULL) match((*found)->ai_canonname, &matches);
  if (matches.count == 0) return 0;
  for (const struct addrinfo *each = *found; each != NULL; each = each->ai_next) {
    struct endpoint endpoint;
    if (endpoint_of(each->ai_addr, each->ai_addrlen, &endpoint)) learn(&matches, &endpoint.address);
  }
  return 0;
}

static void learn_host(const char *name, const struct hostent *host) {
  struct matches matches;
  matches.count = 0;
  if (host == NULL) return;
  match(name, &matches);
  match(host->h_name, &matches);
  for (char **alias = host->h_aliases; alias != NULL && *alias != NULL; alias++) match(*alias, &matches);
  for (char **each = host->h_addr_list; matches.count > 0 && each != NULL && *each != NULL; each++) {
    const uint8_t *bytes = (const uint8_t *)*each;
    struct address address;
    if (host->h_addrtype == AF_INET) address = address_of_ipv4(bytes);
    else if (host->h_addrtype == AF_INET6) address = address_of_ipv6(bytes);
    else return;
    learn(&matches, &address);
  }
}

EXPORT struct hostent *gethostbyname(const char *name) {
  next_find();
  struct hostent *host = next.gethostbyname == NULL ? NULL : next.gethostbyname(name);
  if (arm()) learn_host(name, host);
  return host;
}

EXPORT struct hostent *gethostbyname2(const char *name, int family) {
  next_find();
  struct hostent *host = next.gethostbyname2 == NULL ? NULL : next.gethostbyname2(name, family);
  if (arm()) learn_host(name, host);
  return host;
}

EXPORT int gethostbyname_r(const char *name, struct hostent *host, char *buffer, size_t size, struct hostent **found, int *error) {
  next_find();
  if (next.gethostbyname_r == NULL) return -1;
  int result = next.gethostbyname_r(name, host, buffer, size, found, error);
  if (result == 0 && found != NULL && arm()) learn_host(name, *found);
  return result;
}

EXPORT int gethostbyname2_r(const char *name, int family, struct hostent *host, char *buffer, size_t size,
                            struct hostent **found, int *error) {
  next_find();
  if (next.gethostbyname2_r == NULL) return -1;
  int result = next.gethostbyname2_r(name, family, host, buffer, size, found, error);
  if (result == 0 && found != NULL && arm()) learn_host(name, *found);
  return result;
}
