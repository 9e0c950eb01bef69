import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { databaseAddress } from "./database-address.ts";

function among(...addresses: readonly string[]): string | null {
  const listed = addresses.map((address): NetworkInterfaceInfo => {
    const about = { address, netmask: "", mac: "", internal: false, cidr: null };
    return address.includes(":") ? { ...about, family: "IPv6", scopeid: 0 } : { ...about, family: "IPv4" };
  });
  return databaseAddress(() => ({ lo: listed.slice(0, 1), eth0: listed.slice(1) }));
}

test.each([
  [["127.0.0.1", "10.0.0.5"], "10.0.0.5"],
  [["127.0.0.1", "::1", "2001:db8::5", "10.0.0.5"], "10.0.0.5"],
  [["::1", "fe80::1", "2001:db8::5"], "2001:db8::5"],
  [["198.51.100.1"], "198.51.100.1"],
])("of %j takes %s", (addresses, expected) => {
  expect(among(...addresses)).toBe(expected);
});

test("of addresses that are never blocked takes none", () => {
  expect(among("127.0.0.1", "::1", "169.254.7.7", "fe80::1")).toBe(null);
  expect(among()).toBe(null);
});
