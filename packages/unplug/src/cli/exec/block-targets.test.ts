import { expect, test } from "vitest";
import { blockTargets } from "./block-targets.ts";

const texts = (...values: string[]) => blockTargets(values).map(({ text }) => text);

test("takes targets one by one and with commas between, each once", () => {
  expect(
    texts("DB.internal:5432", "*.example.com, 10.0.0.0/8,[2001:db8::1]:443", "db.internal.:5432"),
  ).toEqual(["db.internal:5432", "*.example.com", "10.0.0.0/8", "[2001:db8::1]:443"]);
});

test.each([[[]], [["*"]], [["db.internal", " * "]]])("%j is everything", (values) => {
  expect(blockTargets(values)).toEqual([]);
});

test.each([
  ["", "a target is empty"],
  ["db.internal,,cache", "a target is empty"],
  ["db.internal:99999", "--block db.internal:99999: a port is a number of 1 to 65535"],
  ["https://api.example.com/x", "give only its host, api.example.com"],
  [
    ":5432",
    "--block :5432: a port alone is no target. For every host on one port: 0.0.0.0/0:5432,[::/0]:5432.",
  ],
  ["*:5432", "For every host on one port: 0.0.0.0/0:5432,[::/0]:5432."],
])("refuses %j", (value, said) => {
  expect(() => blockTargets([value])).toThrow(said);
});

test.each([
  ["localhost:5432", "loopback addresses (127.0.0.0/8, ::1, localhost)"],
  ["fe80.localhost", "loopback addresses"],
  ["127.0.0.1", "loopback addresses"],
  ["[::1]:80", "loopback addresses"],
  ["169.254.169.254", "link-local addresses (169.254.0.0/16, fe80::/10)"],
  ["fe80::1", "link-local addresses"],
  ["[febf::/16]:80", "link-local addresses"],
  ["fd00:ec2::254", "AWS's addresses of services on the machine itself (fd00:ec2::/32)"],
  ["0.0.0.0", "connects to the unspecified address"],
  ["::", "connects to the unspecified address"],
])("refuses %s, which would block nothing: %s pass", (value, what) => {
  expect(() => blockTargets([value])).toThrow(`--block ${value}: ${what}`);
  expect(() => blockTargets([value])).toThrow("are always let through, so this would block nothing");
});

test("takes 4096 targets, and refuses one more", () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `h${index}.internal`).join();

  expect(blockTargets([names(4096)])).toHaveLength(4096);
  expect(() => blockTargets([names(4097)])).toThrow(
    "--block: 4097 targets are too many: expected at most 4096",
  );
});

test("refuses targets that are too long together for one configuration", () => {
  const long = "x".repeat(60);
  const names = Array.from({ length: 4000 }, (_, index) => `h${index}.${long}.example.com`).join();

  expect(() => blockTargets([names])).toThrow(
    /^--block: \d+ bytes of targets are too many: expected at most 240000\./,
  );
});
