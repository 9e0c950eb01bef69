import { expect, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import { isAlwaysAllowed, parseTarget, type Target } from "./target.ts";

function targetOf(text: string): Target {
  const parsed = parseTarget(text);
  if ("problem" in parsed) throw new Error(`${text}: ${parsed.problem}`);
  return parsed.target;
}

test.each<[text: string, kind: Target["kind"], canonical: string, port: number | null]>([
  ["db.internal", "name", "db.internal", null],
  ["DB.Internal.", "name", "db.internal", null],
  ["  db.internal:5432\n", "name", "db.internal:5432", 5432],
  ["db.internal.:5432", "name", "db.internal:5432", 5432],
  ["db", "name", "db", null],
  ["my_db-1.x", "name", "my_db-1.x", null],
  ["_sip._tcp.example.com", "name", "_sip._tcp.example.com", null],
  ["10.example", "name", "10.example", null],
  [`${"a.".repeat(126)}b.`, "name", `${"a.".repeat(126)}b`, null],
  ["1e100.net:65535", "name", "1e100.net:65535", 65_535],
  ["*.Example.COM", "suffix", "*.example.com", null],
  ["*.example.com.:443", "suffix", "*.example.com:443", 443],
  ["*.com", "suffix", "*.com", null],
  ["Bücher.example", "name", "xn--bcher-kva.example", null],
  ["*.bücher.example.:80", "suffix", "*.xn--bcher-kva.example:80", 80],
  ["例え。テスト", "name", "xn--r8jz45g.xn--zckzah", null],
  ["xn--bcher-kva.example", "name", "xn--bcher-kva.example", null],
  ["localhost", "name", "localhost", null],
  ["10.0.0.5", "address", "10.0.0.5", null],
  ["10.0.0.5:1", "address", "10.0.0.5:1", 1],
  ["2001:DB8::0:1", "address", "2001:db8::1", null],
  ["[2001:db8::1]", "address", "2001:db8::1", null],
  ["[2001:db8:0:0::1]:443", "address", "[2001:db8::1]:443", 443],
  ["2001:db8::1:443", "address", "2001:db8::1:443", null],
  ["::ffff:10.0.0.5", "address", "10.0.0.5", null],
  ["[::ffff:a00:5]:443", "address", "10.0.0.5:443", 443],
  ["10.1.2.3/8", "range", "10.0.0.0/8", null],
  ["10.1.2.3/31:5432", "range", "10.1.2.2/31:5432", 5432],
  ["1.2.3.4/0", "range", "0.0.0.0/0", null],
  ["10.1.2.3/32", "address", "10.1.2.3", null],
  ["2001:db8:ffff::1/32", "range", "2001:db8::/32", null],
  ["[2001:db8:ffff::1/33]:443", "range", "[2001:db8:8000::/33]:443", 443],
  ["2001:db8::1/128", "address", "2001:db8::1", null],
  ["2001:db8::1/127", "range", "2001:db8::/127", null],
  ["::1/0", "range", "::/0", null],
  ["::ffff:10.1.2.3/104", "range", "10.0.0.0/8", null],
  ["::ffff:10.1.2.3/96", "range", "0.0.0.0/0", null],
  ["::ffff:10.1.2.3/95", "range", "::fffe:0:0/95", null],
])("reads %j as %s %s", (text, kind, canonical, port) => {
  const target = targetOf(text);

  expect(target).toEqual({ kind, text: canonical, host: expect.any(String), port });
  expect(targetOf(canonical)).toEqual(target);
});

test("the host of a target is its text without port and brackets", () => {
  const texts = [
    "db.internal:5432",
    "*.a.b:1",
    "10.0.0.0/8:2",
    "[2001:db8::1]:3",
    "[2001:db8::/32]:4",
    "::1",
  ];

  expect(texts.map((text) => targetOf(text).host)).toEqual([
    "db.internal",
    "*.a.b",
    "10.0.0.0/8",
    "2001:db8::1",
    "2001:db8::/32",
    "::1",
  ]);
});

test.each([
  ["", "empty"],
  [" \t ", "empty"],
  ["*", "no target is given"],
  ["*.", "empty labels"],
  ["*.*.com", "star"],
  ["a.*.com", "star"],
  ["*example.com", "star"],
  ["*:443", "star"],
  ["a..b", "empty labels"],
  [".a", "empty labels"],
  ["a.b..", "empty labels"],
  [".", "empty labels"],
  ["-a.b", "hyphens"],
  ["--behavior", "hyphens"],
  ["a-.b", "hyphens"],
  [`${"a".repeat(64)}.b`, "1 to 63"],
  [Array.from({ length: 64 }, () => "abc").join("."), "at most 253 characters, not 255"],
  [`${"a".repeat(63)}ü.b`, "1 to 63"],
  [`${"a.".repeat(126)}bc`, "at most 253 characters, not 254"],
  ["a b", "by itself"],
  ["a,b", "by itself"],
  ["a.example;target=b", "by itself"],
  ["a\nb", "by itself"],
  ["a\u0000b", "not a domain name"],
  ["a$b", "letters"],
  ["\u00ad", "not a domain name"],
  ["ü\u0000", "not a domain name"],
  ["xn--ü", "not a domain name"],
  ["10.0.0", "four numbers"],
  ["10.0.0.256", "four numbers"],
  ["10.0.0.05", "four numbers"],
  ["*.10.0.0.1", "four numbers"],
  ["0x7f000001", "four numbers"],
  ["a.0x1f", "four numbers"],
  ["１０.0.0", "four numbers"],
  ["2130706433", "four numbers"],
  ["db:0", "1 to 65535"],
  ["db:65536", "1 to 65535"],
  ["db:", "1 to 65535"],
  ["db:+1", "1 to 65535"],
  ["db:080", "1 to 65535"],
  ["db:https", "1 to 65535"],
  ["[::1]:", "1 to 65535"],
  [":443", "empty labels"],
  ["[]:443", "square brackets"],
  ["[::1]:80:90", "1 to 65535"],
  ["[::1", "square brackets"],
  ["[::1]443", "square brackets"],
  ["::1]:443", "square brackets"],
  ["[10.0.0.1]:80", "square brackets"],
  ["[db]:80", "square brackets"],
  ["2001:db8:0:0:0:0:0:1:443", "[2001:db8::1]:443"],
  ["a:b:c", "[2001:db8::1]:443"],
  ["10.0.0.0/33", "0 to 32"],
  ["10.0.0.0/", "0 to 32"],
  ["10.0.0.0/08", "0 to 32"],
  ["10.0.0.0/8/8", "0 to 32"],
  ["10.0.0.0/-1", "0 to 32"],
  ["10/8", "10.0.0.0/8"],
  ["::/129", "0 to 128"],
  ["[::]/32", "[2001:db8::/32]:443"],
  ["10.0.0.0:80/8", "10.0.0.0/8:5432"],
  ["fe80::1%eth0", "zone"],
  ["[fe80::1%25eth0]:80", "zone"],
  ["https://api.example.com/v1?x=1", "host, api.example.com"],
  ["HTTPS://API.example.com:8443/v1", "host, API.example.com:8443"],
  ["http://[2001:db8::1]:80/", "host, [2001:db8::1]:80"],
  ["jdbc:postgresql://db.internal:5432/shop", "host, db.internal:5432"],
  ["api.example.com/v1", "give only api.example.com"],
  ["/v1", "the host"],
  ["scott@db.internal", "what follows the @"],
])("refuses %j: %s", (text, message) => {
  expect(parseTarget(text)).toEqual({ problem: expect.stringContaining(message) });
});

test("does not repeat the password of a URL", () => {
  for (const url of [
    "postgres://scott:tig/er@db/x",
    "postgres://scott:tiger@db:5432/x",
    "redis://:tiger@db",
  ]) {
    expect(JSON.stringify(parseTarget(url))).not.toMatch(/tig/);
  }
});

test("never throws, and what it accepts is accepted again as it is written", () => {
  const piece = fc.constantFrom(
    "a",
    "Z",
    "9",
    "0",
    ".",
    "..",
    "*",
    "*.",
    ":",
    "::",
    "[",
    "]",
    "/",
    "%",
    "-",
    "ü",
    "ﬀ",
    "。",
  );
  const junk = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 12 }).map((some) => some.join("")),
  );
  const good = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV6().map((text) => `[${text}]:443`),
  );
  fc.assert(
    fc.property(fc.oneof(junk, good), (text) => {
      const parsed = parseTarget(text);
      if ("problem" in parsed) {
        expect(parsed.problem).not.toBe("");
        return;
      }
      expect(parsed.target.text).toMatch(/^[a-z0-9_.:*/[\]-]+$/);
      expect(parseTarget(parsed.target.text)).toEqual(parsed);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  "localhost",
  "LocalHost.:80",
  "a.localhost",
  "*.localhost",
  "127.0.0.1",
  "127.200.0.0/16",
  "127.0.0.0/8",
  "0.0.0.0:80",
  "169.254.169.254",
  "169.254.0.0/16",
  "[::1]:80",
  "::",
  "::/127",
  "::ffff:127.0.0.1",
  "fe80::1",
  "febf::/16",
  "fd00:ec2::254",
])("%s is always let through", (text) => {
  expect(isAlwaysAllowed(targetOf(text))).toBe(true);
});

test.each([
  "localhost.example.com",
  "notlocalhost",
  "10.0.0.1",
  "126.0.0.0/7",
  "128.0.0.1",
  "0.0.0.1",
  "0.0.0.0/0",
  "0.0.0.0/31",
  "169.253.1.1",
  "169.254.0.0/15",
  "::2",
  "::/126",
  "::/0",
  "fec0::1",
  "fe80::/9",
  "fd00:ec3::1",
  "::127.0.0.1",
])("%s can be blocked", (text) => {
  expect(isAlwaysAllowed(targetOf(text))).toBe(false);
});
