import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { secretStore } from "./secret-store.ts";

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "unplug-store-")), "home");
});
afterEach(() => rmSync(join(home, ".."), { recursive: true, force: true }));

const AT = Date.UTC(2026, 10, 22);
const keyFile = () => join(home, "secret.key");
const sealed = (name: string) => join(home, "secret-store", `${name}.sealed`);

describe("the store of secrets", () => {
  it("gives back what was put in, also to another process, and replaces", async () => {
    const text = "[default]\naws_access_key_id = Ä\n";
    expect(await secretStore(home).add("prod", text, AT)).toBe("new");
    expect(await secretStore(home).read("prod")).toBe(text);
    expect(await secretStore(home).add("prod", "other", AT)).toBe("replaced");
    expect(await secretStore(home).read("prod")).toBe("other");
    expect(await secretStore(home).read("nothing")).toBeNull();
  });

  it.each(["addedAt", "bytes"])("does not believe a file whose %s is no such number", async (name) => {
    const store = secretStore(home);
    await store.add("a", "text", AT);
    const facts: unknown = JSON.parse(readFileSync(sealed("a"), "utf8"));
    writeFileSync(sealed("a"), JSON.stringify(Object.assign(Object(facts), { [name]: -1e300 })));
    await expect(store.list()).rejects.toThrow("secret-store/a.sealed");
  });

  it("lists names, sizes and dates without the key, and removes", async () => {
    const store = secretStore(home);
    expect([await store.list(), existsSync(home)]).toEqual([[], false]);
    await store.add("b", "12345", AT);
    await store.add("a", "ü", AT);
    rmSync(keyFile());
    const [a, b] = [
      { name: "a", bytes: 2, addedAt: AT },
      { name: "b", bytes: 5, addedAt: AT },
    ];
    expect(await store.list()).toEqual([a, b]);
    expect([await store.remove("a"), await store.remove("a")]).toEqual([true, false]);
    expect(await store.list()).toEqual([b]);
  });

  it("keeps nothing legible, for this user alone, and leaves no draft", async () => {
    await secretStore(home).add("prod", "recognisable-value", AT);
    const files = readdirSync(home, { recursive: true, withFileTypes: true });
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      expect(statSync(path).mode & 0o077).toBe(0);
      if (file.isFile()) expect(readFileSync(path).includes("recognisable")).toBe(false);
    }
    expect(files.map(({ name }) => name).sort()).toEqual(["prod.sealed", "secret-store", "secret.key"]);
  });

  it("makes one key, however many begin at once", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `s${i}`);
    const added = await Promise.allSettled(names.map((name) => secretStore(home).add(name, name, AT)));
    const taken = names.filter((_, i) => added[i]?.status === "fulfilled");
    expect(taken.length).toBeGreaterThan(0);
    for (const name of taken) expect(await secretStore(home).read(name)).toBe(name);
  });

  it.each([
    ["wider than 0600", () => chmodSync(keyFile(), 0o640), /mode 0640.*0600/s],
    ["a link", () => (renameSync(keyFile(), join(home, "k")), symlinkSync("k", keyFile())), /it is a link/],
    ["no key", () => writeFileSync(keyFile(), "x"), /no key of 32 bytes/],
    ["away", () => rmSync(keyFile()), /key .* is not there/],
    [
      "another",
      () => writeFileSync(keyFile(), randomBytes(32).toString("base64")),
      /sealed with another key/,
    ],
  ])("refuses a key that is %s", async (_what, spoil, message) => {
    await secretStore(home).add("prod", "text", AT);
    spoil();
    await expect(secretStore(home).read("prod")).rejects.toThrow(message);
  });

  it("makes no new key beside what an earlier one sealed", async () => {
    await secretStore(home).add("prod", "text", AT);
    rmSync(keyFile());
    await expect(secretStore(home).add("next", "text", AT)).rejects.toThrow(/cannot be opened without it/);
    await secretStore(home).remove("prod");
    expect(await secretStore(home).add("next", "text", AT)).toBe("new");
  });

  it.each([
    ["put in another's place", () => renameSync(sealed("a"), sealed("b")), "b"],
    ["given another date", () => edit("a", `"addedAt":${AT}`, `"addedAt":${AT + 1}`), "a"],
    ["given another nonce", () => edit("a", /"nonce":"[^"]+"/, `"nonce":"AAAAAAAAAAAAAAAA"`), "a"],
    ["given a shorter tag", () => edit("a", /"tag":"[^"]+"/, '"tag":"AAAA"'), "a"],
    ["cut", () => writeFileSync(sealed("a"), readFileSync(sealed("a"), "utf8").slice(0, 40)), "a"],
  ])("does not open a file that was %s", async (_what, change, name) => {
    await secretStore(home).add("a", "text of a", AT);
    await secretStore(home).add("b", "text of b", AT);
    change();
    await expect(secretStore(home).read(name)).rejects.toThrow(/cannot be opened|is no sealed secret/);
  });

  it.each(["", ".", "..", "../a", "a/b", "-x", "a b", "a\n", "a".repeat(129)])(
    "has no secret named %j",
    async (name) => {
      await expect(secretStore(home).add(name, "text", AT)).rejects.toThrow("names no secret");
    },
  );

  function edit(name: string, from: string | RegExp, to: string): void {
    const before = readFileSync(sealed(name), "utf8");
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    writeFileSync(sealed(name), after);
  }
});
