import { expect, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import { addressBytes, addressText, isMapped, masked } from "./address.ts";

const canonical = (text: string) => {
  const bytes = addressBytes(text);
  return bytes === null ? null : addressText(bytes);
};

// Of RFC 5952 and beside it.
test.each([
  ["10.0.0.5", "10.0.0.5"],
  ["2001:0DB8::0001", "2001:db8::1"],
  ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["::", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["1::", "1::"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ["1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"],
])("writes %s as %s", (text, expected) => {
  expect(canonical(text)).toBe(expected);
});

test.each([
  "",
  "1.2.3",
  "1.2.3.256",
  "01.2.3.4",
  "1:2:3",
  "1::2::3",
  "fe80::1%eth0",
  "[::1]",
  "12345::",
  "db",
])("takes %j for no address", (text) => {
  expect(addressBytes(text)).toBeNull();
});

test("every address reads back from its text, which is the one that URLs have", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fc.ipV4()), (text) => {
      const bytes = addressBytes(text) ?? new Uint8Array();
      const written = addressText(bytes);
      expect(addressBytes(written)).toEqual(bytes);
      const hostname = text.includes(":") ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
      expect(written).toBe(hostname);
    }),
  );
});

test("masking keeps exactly the first bits", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.integer({ min: 0, max: 128 }),
      (bytes, bits) => {
        const binary = (some: Uint8Array) =>
          [...some].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        expect(binary(masked(bytes, bits))).toBe(binary(bytes).slice(0, bits).padEnd(128, "0"));
      },
    ),
  );
});

test("knows an IPv4-mapped address from its neighbours", () => {
  const isMappedText = (text: string) => isMapped(addressBytes(text) ?? new Uint8Array());

  expect(["::ffff:10.0.0.5", "::ffff:0:0"].map(isMappedText)).toEqual([true, true]);
  expect(["::fffe:10.0.0.5", "::1:ffff:a00:5", "::10.0.0.5", "10.0.0.5"].map(isMappedText)).toEqual(
    Array.from({ length: 4 }, () => false),
  );
});
