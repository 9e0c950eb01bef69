import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { deflate } from "./deflate.ts";
import { codeFor } from "./huffman.ts";
import { makeLayer } from "./layer.ts";

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

describe("a layer that is made", () => {
  it("is named by its bytes, packed and not", () => {
    const content = Buffer.from("abc ".repeat(2000));
    const made = makeLayer([{ path: "/opt/unplug/b", mode: 0o755, content }]);
    expect(made.digest).toBe(sha256(made.bytes));
    expect(made.diffId).toBe(sha256(gunzipSync(made.bytes)));
  });

  it("has these very bytes, whatever the day, the machine and the version of zlib", () => {
    const content = Buffer.from("abc ".repeat(2000) + "def");
    const files = [
      { path: "/var/task/app", mode: 0o755, content, replaces: true },
      { path: "/opt/unplug/b", mode: 0o644, content: Buffer.from("b") },
    ];
    const { digest, diffId } = makeLayer(files);
    expect({ digest, diffId }).toMatchInlineSnapshot(`
      {
        "diffId": "sha256:1b9208eb523956dfe203eb7afc042ff6d806374397bff217bf3b98bb36c44df1",
        "digest": "sha256:5ff766cf579ec6c29e867eeecb47a039d0ce1d2f89f51c3f0393890ff1b9c1a0",
      }
    `);
    expect(makeLayer(files.toReversed()).digest).toBe(digest);
  });

  it("is listed by tar: sorted, of root, of 1970, with the folders that are new", () => {
    const long = `/srv/${"a".repeat(90)}/${"b".repeat(60)}/file`;
    const made = makeLayer([
      { path: "/var/task/app", mode: 0o755, content: Buffer.from("program"), replaces: true },
      { path: "/opt/unplug/b", mode: 0o640, content: Buffer.alloc(513) },
      { path: long, mode: 0o644, content: Buffer.alloc(0) },
    ]);
    const listed = spawnSync("tar", ["-tvz", "--numeric-owner", "--utc", "--full-time"], {
      timeout: 60_000,
      input: made.bytes,
    });
    expect(listed.stderr.toString()).toBe("");
    const lines = listed.stdout.toString().trim().split("\n");
    expect(lines.map((line) => line.replace(/ +/g, " "))).toEqual([
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 opt/",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 opt/unplug/",
      "-rw-r----- 0/0 513 1970-01-01 00:00:00 opt/unplug/b",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 srv/",
      `drwxr-xr-x 0/0 0 1970-01-01 00:00:00 srv/${"a".repeat(90)}/`,
      `drwxr-xr-x 0/0 0 1970-01-01 00:00:00 srv/${"a".repeat(90)}/${"b".repeat(60)}/`,
      `-rw-r--r-- 0/0 0 1970-01-01 00:00:00 ${long.slice(1)}`,
      "-rwxr-xr-x 0/0 7 1970-01-01 00:00:00 var/task/app",
    ]);
  });

  it.each(["relative", "/a/../b", "/a//b", "/", `/${"x".repeat(300)}`])("has no file %j", (path) => {
    expect(() => makeLayer([{ path, mode: 0o644, content: Buffer.alloc(0) }])).toThrow(/path/);
  });
});

describe("what is deflated", () => {
  const inflated = (bytes: Uint8Array) =>
    inflateRawSync(deflate(bytes), { maxOutputLength: bytes.length + 1 });

  it("is what zlib inflates", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .record({ byte: fc.nat(255), length: fc.nat(2000) })
        .map(({ byte, length }) => Buffer.alloc(length, byte)),
      fc
        .record({ word: fc.uint8Array({ minLength: 1, maxLength: 9 }), times: fc.nat(300) })
        .map(({ word, times }) => Buffer.concat(Array.from({ length: times }, () => word))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        expect(inflated(bytes).equals(bytes)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("may be longer than a window and than a block", () => {
    const bytes = Buffer.alloc(150_000);
    let state = 1;
    for (let at = 0; at < bytes.length; at += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      bytes[at] = at % 3 === 0 ? state >>> 24 : (bytes[at - 33_000] ?? 0);
    }
    expect(inflated(bytes).equals(bytes)).toBe(true);
  });

  it("takes no code longer than it may be", () => {
    // Fibonacci's numbers make the longest codes that there are.
    const counts = [1, 1];
    while (counts.length < 25) counts.push((counts.at(-1) ?? 0) + (counts.at(-2) ?? 0));
    const { lengths } = codeFor(counts, 15);
    expect(Math.max(...lengths)).toBe(15);
    expect(lengths.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
  });
});
