import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Refusal } from "../contract/refusal.ts";
import { findSecrets } from "../secrets/find-secrets.ts";
import { secretStore } from "../secrets/secret-store.ts";
import { credentialsOf } from "./credentials.ts";

const home = mkdtempSync(join(tmpdir(), "unplug-secrets-"));
const folder = join(home, "secrets");
const store = secretStore(home);
const secrets = findSecrets(folder, store);
const access = {
  region: "us-east-1",
  profile: "",
  secret: "",
  assumeRoleArn: "",
  externalId: "",
  endpoint: null,
};

const profile = (name: string, key: string) =>
  `[${name}]\naws_access_key_id = ${key}\naws_secret_access_key = s\naws_session_token = t\n`;

beforeAll(async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, "prod"), profile("default", "ONE") + profile("other", "TWO"));
  await store.add("stored", profile("default", "THREE") + profile("other", "FOUR"), 0);
  await store.add("prod", profile("default", "HIDDEN"), 0);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const signer = async (secret: string, named = "") => {
  const newProvider = await credentialsOf({ ...access, secret, profile: named }, "r-1", { secrets });
  return await newProvider()();
};

describe("a file secret", () => {
  it.each([
    ["prod", "", "ONE"],
    ["prod", "other", "TWO"],
    ["stored", "", "THREE"],
    ["stored", "other", "FOUR"],
  ])("%s gives its default profile, or the one that is named: %j", async (secret, named, accessKeyId) => {
    expect(await signer(secret, named)).toMatchObject({ accessKeyId, sessionToken: "t" });
  });

  it("of the folder is read before the store, and the store once the file is gone", async () => {
    writeFileSync(join(folder, "moved"), profile("default", "FILE"));
    await store.add("moved", profile("default", "STORE"), 0);
    const newProvider = await credentialsOf({ ...access, secret: "moved" }, "r-1", { secrets });
    expect(await newProvider()()).toMatchObject({ accessKeyId: "FILE" });
    rmSync(join(folder, "moved"));
    expect(await newProvider()()).toMatchObject({ accessKeyId: "STORE" });
    await store.add("moved", profile("default", "LATER"), 0);
    expect(await newProvider()()).toMatchObject({ accessKeyId: "LATER" });
  });

  it.each(["nothing", "../prod", "/etc/passwd", "a/b", ".", ".."])(
    "called %s is refused, saying where it would have to be",
    async (secret) => {
      await expect(signer(secret)).rejects.toThrow(Refusal);
      await expect(signer(secret)).rejects.toThrow("UNPLUG_SECRETS");
    },
  );

  it("whose name may be the secret itself is refused without repeating it", async () => {
    await expect(signer("AKIA/secret+value")).rejects.toThrow("names none");
    await expect(signer("AKIA/secret+value")).rejects.not.toThrow("AKIA");
  });

  it("whose key others may read is refused before AWS is asked", async () => {
    const key = join(home, "secret.key");
    chmodSync(key, 0o644);
    await expect(signer("stored")).rejects.toThrow(/mode 0644/);
    chmodSync(key, 0o600);
  });

  it("of which a profile is missing says so, without its text", async () => {
    await expect(signer("stored", "nobody")).rejects.toThrow("nobody");
    await expect(signer("stored", "nobody")).rejects.not.toThrow("THREE");
  });
});
