import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { secretStore } from "../secrets/secret-store.ts";
import { keyringOf } from "./desktop-keyring.ts";

let folder: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-keyring-"));
  home = join(folder, "home");
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program in the keyring's place; it writes its arguments down. */
function program(name: string, script: string): void {
  const path = join(folder, "bin", name);
  writeFileSync(path, `#!/bin/sh\necho "$@" >> "${folder}/arguments"\nkept="${folder}/kept"\n${script}\n`);
  chmodSync(path, 0o755);
}

/** Source: secret-tool(1): `store` reads standard input; `lookup` of what is not there says nothing and ends with 1. */
const SECRET_TOOL = 'case $1 in store) cat > "$kept";; lookup) test -f "$kept" && cat "$kept";; esac';
/** Source: security(1): `-i` takes commands from standard input; `find-generic-password -w` prints the password alone. */
const SECURITY = [
  'if [ "$1" = -i ]; then sed -n \'s/^add-generic-password .* -w "\\(.*\\)"$/\\1/p\' > "$kept"',
  'elif [ -f "$kept" ]; then cat "$kept"',
  "else echo 'SecKeychainSearchCopyNext: The specified item could not be found in the keychain.' >&2; exit 44; fi",
].join("\n");

const store = (platform: NodeJS.Platform = "linux") =>
  secretStore(
    home,
    keyringOf(home, { platform, env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}` } }),
  );
const keyFile = () => readFileSync(join(home, "secret.key"), "utf8").trim();

describe.each([
  ["linux", "secret-tool", SECRET_TOOL],
  ["darwin", "security", SECURITY],
] as const)("the keyring of %s", (platform, name, script) => {
  beforeEach(() => program(name, script));

  it("keeps the key of a new store, which is in no file and no argument", async () => {
    expect(await store(platform).keepKeyInKeyring()).toEqual({ place: "keyring" });
    await store(platform).add("prod", "value", 0);
    expect(await store(platform).keepKeyInKeyring()).toEqual({ place: "keyring" });
    await store(platform).add("other", "value 2", 0);

    expect(await store(platform).read("prod")).toBe("value");
    expect(await store(platform).read("other")).toBe("value 2");
    expect(keyFile()).toBe("keyring");
    const kept = readFileSync(join(folder, "kept"), "utf8").trim();
    expect(Buffer.from(kept, "base64")).toHaveLength(32);
    expect(readFileSync(join(folder, "arguments"), "utf8")).not.toContain(kept);
  });

  it("that has lost it is told with what to do, and makes no other", async () => {
    await store(platform).keepKeyInKeyring();
    await store(platform).add("prod", "value", 0);
    rmSync(join(folder, "kept"));

    await expect(store(platform).read("prod")).rejects.toThrow(`${name} finds none`);
    await expect(store(platform).add("more", "value", 0)).rejects.toThrow("unlock its keyring");
    expect(existsSync(join(folder, "kept"))).toBe(false);
  });

  it("that says no leaves the key to the file, and says why", async () => {
    program(name, 'cat > /dev/null; echo "${0##*/}: Cannot autolaunch D-Bus without X11" >&2; exit 1');

    const { place, why } = { why: "", ...(await store(platform).keepKeyInKeyring()) };
    await store(platform).add("prod", "value", 0);

    expect({ place, why }).toEqual({
      place: "file",
      why: `${name}: Cannot autolaunch D-Bus without X11`,
    });
    expect(await store(platform).read("prod")).toBe("value");
    expect(Buffer.from(keyFile(), "base64")).toHaveLength(32);
  });
});

it("a keyring that forgets what it is given is not believed", async () => {
  program("secret-tool", "cat > /dev/null; exit 0");
  expect(await store().keepKeyInKeyring()).toMatchObject({
    place: "file",
    why: "secret-tool does not give back what it was given",
  });
});

it("a machine without one keeps its key in the file", async () => {
  const none = keyringOf(home, { platform: "linux", env: { PATH: join(folder, "bin") } });
  expect(await secretStore(home, none).keepKeyInKeyring()).toMatchObject({
    place: "file",
    why: "there is no secret-tool on this machine",
  });
  expect(existsSync(join(home, "secret.key"))).toBe(false);
});

it("a store that has a key keeps it where it is", async () => {
  program("secret-tool", SECRET_TOOL);
  await store().add("prod", "value", 0);
  expect(await store().keepKeyInKeyring()).toMatchObject({
    place: "file",
    why: /* it stays */ expect.stringContaining("one key"),
  });
  expect(await store().read("prod")).toBe("value");
  expect(existsSync(join(folder, "kept"))).toBe(false);
});
