import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nobody, writeSecret } from "../support/credentialed.ts";
import { ACCOUNT, addRole, addUser, allowing, credentialsFile, Issuer, type Keys } from "../support/iam.ts";
import { Lab, REGION } from "../support/lab.ts";
import { PodIdentityAgent } from "../support/pod-identity.ts";

const PATIENCE = { timeout: 120_000 };
const all = allowing(["lambda:*", "sts:*"]);
const tunablesOf: Readonly<Record<string, object>> = {
  "a file secret": { AWS_AUTHENTICATION_SECRET: "team" },
  "a profile by tunable": { AWS_PROFILE: "chaos" },
};
const subject = "system:serviceaccount:chaos:unplug";

let lab: Lab;
let issuer: Issuer;
let agent: PodIdentityAgent;
/** What each source adds to the environment; some are tunables beside. */
let given: Readonly<Record<string, NodeJS.ProcessEnv>>;

beforeAll(async () => {
  lab = await Lab.open({ timing: "none" });
  issuer = await Issuer.open();
  const trusted = await issuer.register(lab);
  const names = ["environment", "profile", "default", "secret", "secret-profile"] as const;
  const [environment, profile, usual, secret, within] = await Promise.all(
    names.map((name) => addUser(lab, name, all)),
  );
  const file = (name: string) => join(lab.folder, name);
  await writeFile(file("profiles"), credentialsFile({ chaos: known(profile) }));
  await writeFile(file("usual"), credentialsFile({ default: known(usual) }));
  await writeSecret(lab, "team", credentialsFile({ default: known(secret), chaos: known(within) }));
  const role = await addRole(lab, "pod", { Principal: { AWS: ACCOUNT } }, all);
  agent = await PodIdentityAgent.open(lab, role, "pod-token");
  await writeFile(file("pod-token"), agent.token);
  await writeFile(file("token"), issuer.token(subject, 3_000));
  given = {
    "keys of the environment": { ...known(environment) },
    "a profile by tunable": { AWS_SHARED_CREDENTIALS_FILE: file("profiles") },
    "a profile by environment": { AWS_SHARED_CREDENTIALS_FILE: file("profiles"), AWS_PROFILE: "chaos" },
    "the profile default": { AWS_SHARED_CREDENTIALS_FILE: file("usual") },
    "a file secret": {},
    "a web identity": {
      AWS_WEB_IDENTITY_TOKEN_FILE: file("token"),
      AWS_ROLE_ARN: await addRole(lab, "web", trusted(subject), all),
    },
    "the container": {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file("pod-token"),
    },
  };
});

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await lab.close();
});

function known(keys: Keys | undefined): Keys {
  if (keys === undefined) throw new Error("no keys");
  return keys;
}

/** Who signed the calls of an action that name this, each once; a session by its role alone. */
function signersOf(action: string, about: string): readonly string[] {
  const calls = lab.sandbox.cloud.record
    .of(action)
    .filter(({ input }) => JSON.stringify(input).includes(about));
  const names = calls.map(({ principal }) => /(?:user|assumed-role)\/[^/]+/.exec(principal ?? "")?.[0]);
  return [...new Set(names.map((name) => name ?? "nobody"))];
}

// The order that docs/credentials.md gives.
describe.concurrent("where two sources give credentials, and a role is assumed on top,", () => {
  test.each([
    ["a file secret", "keys of the environment", "user/secret"],
    ["a file secret", "a profile by tunable", "user/secret-profile"],
    ["a file secret", "a profile by environment", "user/secret-profile"],
    ["a file secret", "a web identity", "user/secret"],
    ["a profile by tunable", "keys of the environment", "user/profile"],
    ["a profile by environment", "keys of the environment", "user/profile"],
    ["a profile by tunable", "a web identity", "user/profile"],
    ["keys of the environment", "the profile default", "user/environment"],
    ["keys of the environment", "a web identity", "user/environment"],
    ["keys of the environment", "the container", "user/environment"],
    ["the profile default", "a web identity", "user/default"],
    ["a web identity", "the container", "assumed-role/web"],
  ])("%s before %s: %s signs", PATIENCE, async (first, second, signer) => {
    const row = `${first}-${second}`.replaceAll(/\W+/g, "-");
    const env = nobody({ ...given[first], ...given[second] });
    const top = await addRole(lab, `top-${row}`, { Principal: { AWS: ACCOUNT } }, all);
    for (const name of [row, `${row}-top`]) await lab.addFunction(name);
    const path = join(lab.folder, `${row}.json`);
    const said = { ...tunablesOf[first], ...tunablesOf[second] };
    const step = (name: string, more: object) => ({
      name,
      fault: "lambda-update-function-memory",
      tunables: { FUNCTION_NAME: name, REGION, MEMORY_IN_MEGABYTES: 256, ...said, ...more },
    });
    const steps = [step(row, {}), step(`${row}-top`, { ASSUME_ROLE_ARN: top })];
    const document = {
      apiVersion: "unplug.dev/v1",
      kind: "Experiment",
      metadata: { name: "who" },
      spec: { steps },
    };
    await writeFile(path, JSON.stringify(document));

    const plan = await lab.unplug(["plan", path], env);

    expect(plan.code, plan.stderr).toBe(0);
    expect(signersOf("lambda:*", `"${row}"`)).toEqual([signer]);
    expect(signersOf("sts:AssumeRole", `"${top}"`)).toEqual([signer]);
    expect(signersOf("lambda:*", `"${row}-top"`)).toEqual([`assumed-role/top-${row}`]);
  });
});
