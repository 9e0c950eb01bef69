import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Refusal } from "../contract/refusal.ts";
import { credentialsOf } from "./credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-secrets-"));
const access = {
  region: "us-east-1",
  profile: "",
  secret: "",
  assumeRoleArn: "",
  externalId: "",
  endpoint: null,
};

beforeAll(() => {
  const lines = [
    "[default]",
    "aws_access_key_id = ONE",
    "aws_secret_access_key = s",
    "[other]",
    "aws_access_key_id = TWO",
  ];
  writeFileSync(join(folder, "prod"), `${[...lines, "aws_secret_access_key = s"].join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a file secret", () => {
  it("gives its default profile, or the one that is named", async () => {
    expect(await credentialsOf({ ...access, secret: "prod" }, "r-1", folder)()()).toMatchObject({
      accessKeyId: "ONE",
    });
    const other = credentialsOf({ ...access, secret: "prod", profile: "other" }, "r-1", folder);
    expect(await other()()).toMatchObject({ accessKeyId: "TWO" });
  });

  it.each(["nothing", "../prod", "/etc/passwd", "a/b"])(
    "called %s is refused, saying where it would have to be",
    (secret) => {
      expect(() => credentialsOf({ ...access, secret }, "r-1", folder)).toThrow(Refusal);
      expect(() => credentialsOf({ ...access, secret }, "r-1", folder)).toThrow("UNPLUG_SECRETS");
    },
  );
});
