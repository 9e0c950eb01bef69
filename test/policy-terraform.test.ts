import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { policyText } from "../packages/unplug/src/report/policy-forms.ts";
import { trustPolicy } from "../packages/unplug/src/report/trust-policy.ts";
import { needs } from "./support/needs.ts";

const { test } = needs("terraform");

const trust = trustPolicy({
  kind: "irsa",
  providerArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/1",
  serviceAccount: { namespace: "chaos", name: "unplug" },
  audience: "sts.amazonaws.com",
});
const policy = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "One",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: "arn:aws:s3:::a/${aws:username}/%{b}",
    },
    { Sid: "Two", Effect: "Allow", Action: 'with "quotes" and \\', Resource: "*" },
  ],
};

describe("Terraform itself", () => {
  test("finds a policy formatted as it does, and reads what it is", (terraform) => {
    const folder = mkdtempSync(join(tmpdir(), "unplug-terraform-test-"));
    const run = (args: readonly string[], input: string) => {
      const env = { PATH: process.env["PATH"], TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" };
      const { status, stdout, stderr } = spawnSync(terraform, args, {
        timeout: 120_000,
        cwd: folder,
        env,
        input,
        encoding: "utf8",
      });
      expect(status, stderr).toBe(0);
      return stdout;
    };
    try {
      for (const [document, use] of [
        [trust, "trust"],
        [policy, "permissions"],
      ] as const) {
        const text = policyText(document, "terraform", use);
        expect(run(["fmt", "-"], text)).toBe(text);
        const expression = text.slice(text.indexOf("jsonencode("), text.lastIndexOf(")") + 1);
        writeFileSync(join(folder, "main.tf"), `locals {\n  policy = ${expression}\n}\n`);
        // A text in quotes, which is JSON as well.
        expect(JSON.parse(JSON.parse(run(["console"], "local.policy\n")))).toEqual(document);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
