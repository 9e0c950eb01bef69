import { expect, test } from "vitest";
import { architectures } from "./architecture.ts";
import { hookBytes } from "./go-elf-for-test.ts";
import { goHookFor, parseGoHook } from "./go-hook.ts";

test("reads the hooks that were built", () => {
  for (const architecture of architectures) {
    expect(goHookFor(architecture)).toMatchObject({ architecture, bytes: expect.any(Buffer) });
  }
});

test.each<[what: string, change: (bytes: Buffer) => void]>([
  ["of another magic", (bytes) => bytes.write("X")],
  ["for another machine", (bytes) => bytes.writeUInt16LE(3, 8)],
  ["of another version", (bytes) => bytes.writeUInt16LE(2, 10)],
  ["of another length", (bytes) => bytes.writeUInt32LE(999, 12)],
  ["at an odd distance", (bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(16) + 32, 16)],
  ["with more memory than there is before it", (bytes) => bytes.writeUInt32LE(0x3000, 20)],
  ["that begins behind its end", (bytes) => bytes.writeUInt32LE(1000, 24)],
  ["that begins in its header", (bytes) => bytes.writeUInt32LE(63, 24)],
  ["that goes back behind its end", (bytes) => bytes.writeUInt32LE(997, 28)],
])("throws for a hook %s", (_, change) => {
  expect(() => parseGoHook(hookBytes("x86_64", change), "x86_64")).toThrow("has no header that can be");
});
