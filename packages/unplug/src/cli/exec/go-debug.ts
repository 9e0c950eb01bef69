/**
 * GODEBUG with Go's own resolver chosen; what else it says stays.
 *
 * Which of two entries of a name counts has changed from Go 1.19 to Go 1.20: there is only one of `netdns` in the end, with the level of
 * its messages, if it has one. Source: internal/godebug of Go, goDebugNetDNS in net/conf.go.
 */
export function goDebugWithOwnResolver(existing: string | undefined): string {
  const entries = (existing ?? "").split(",").filter((entry) => entry !== "");
  const level = /^netdns=(?:\w+\+)?(\d+)(?:\+\w+)?$/.exec(entries.findLast(isAboutNames) ?? "")?.[1];
  const resolver = level === undefined ? "netdns=go" : `netdns=go+${level}`;
  return [...entries.filter((entry) => !isAboutNames(entry)), resolver].join();
}

function isAboutNames(entry: string): boolean {
  return entry.startsWith("netdns=");
}
