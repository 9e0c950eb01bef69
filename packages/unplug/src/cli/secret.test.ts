import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findSecrets } from "../secrets/find-secrets.ts";
import { secretStore } from "../secrets/secret-store.ts";
import { runCommandLine } from "./command-line.ts";
import { outsideOf } from "./outside.ts";

let folder: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-secret-"));
  home = join(folder, "home");
  writeFileSync(join(folder, "token"), "t0ken-value\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function secret(words: readonly string[], input = "") {
  let [out, err] = ["", ""];
  const code = await runCommandLine(["secret", ...words], {
    env: { HOME: folder, UNPLUG_HOME: home, PATH: folder },
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(input),
  });
  return { code, out, err };
}

test("a secret is added, listed and removed, and its text is never printed", async () => {
  const added = await secret(["add", "shop", join(folder, "token")]);
  const again = await secret(["add", "shop", "-"], "another-value");
  const listed = await secret(["list"]);
  const json = await secret(["list", "--format", "json"]);
  const removed = await secret(["remove", "shop"]);

  expect([added.code, again.code, listed.code, removed.code]).toEqual([0, 0, 0, 0]);
  expect(added.out).toContain("Secret shop is in the store (12 bytes, encrypted).");
  expect(again.out).toContain("in place of the one before (13 bytes");
  expect(listed.out).toMatch(/^shop +13 bytes +added 20\d\d-/);
  expect(JSON.parse(json.out)).toMatchObject([{ name: "shop", bytes: 13 }]);
  expect(removed.out).toContain("Secret shop is out of the store");
  expect((await secret(["list"])).out).toContain("The store holds no secret");
  const all = [added, again, listed, json, removed].map(({ out, err }) => out + err).join("");
  expect(all).not.toContain("-value");
});

test("a file of the folder is read before the store, by probes too, and is named beside it", async () => {
  mkdirSync(join(home, "secrets"), { recursive: true });
  writeFileSync(join(home, "secrets", "shop"), "from the folder\n");
  const { out } = await secret(["add", "shop", "-"], "from the store\n");
  const outside = outsideOf({}, findSecrets(join(home, "secrets"), secretStore(home)));

  expect(out).toContain(`The file ${join(home, "secrets", "shop")} has the same name`);
  expect(await outside.secret("shop")).toBe("from the folder");
  expect((await secret(["remove", "shop"])).out).toContain("is still there");
  await secret(["add", "other", "-"], "from the store\n");
  expect(await outside.secret("other")).toBe("from the store");
  await expect(outside.secret("third")).rejects.toThrow("unplug secret add third FILE");
});

test.each([
  [["add", "shop"], "expected a NAME and a FILE"],
  [["add", "../shop", "-"], "names no secret"],
  [["add", "AKIA/secret+value", "-"], "names no secret"],
  [["add", "shop", "nowhere"], "there is no such file"],
  [["add", "shop", "/"], "it is a folder"],
  [["add", "shop", "/dev/zero"], "is larger than 65536 bytes"],
  [["add", "shop", "-"], "is empty"],
  [["add", "shop", process.execPath], "is larger than"],
  [["remove"], "expected one NAME"],
  [["list", "shop"], "expected nothing"],
  [["show", "shop"], "Allowed choices are add, list, remove"],
])("%j is refused in one message, and nothing is made", async (words, message) => {
  const { code, out, err } = await secret(words);

  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
  expect(err).not.toContain("AKIA");
  expect(() => readFileSync(join(home, "secret.key"))).toThrow("ENOENT");
});

test("bytes that are no text are refused, and a name that is not there has its nearest named", async () => {
  writeFileSync(join(folder, "bytes"), Buffer.from([0xff, 0xfe, 0x41]));
  expect((await secret(["add", "shop", join(folder, "bytes")])).err).toContain("no text in UTF-8");
  await secret(["add", "shop", "-"], "x");
  const { code, err } = await secret(["remove", "shpo"]);
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('did you mean "shop"') });
});

test("where there is no keyring the key is in the file, which is said; and only add makes a key", async () => {
  const { code, out } = await secret(["add", "shop", join(folder, "token"), "--keyring"]);
  const listed = await secret(["list", "--keyring"]);

  expect(code).toBe(0);
  expect(out).toMatch(/^Its key is in \S+secret\.key, not in a keyring: there is no (secret-tool|security)/m);
  expect(readFileSync(join(home, "secret.key"), "utf8")).not.toBe("");
  expect(listed.code).toBe(2);
  expect(listed.err).toContain("unplug secret list: --keyring is for add");
});
