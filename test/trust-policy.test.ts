import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { startOfTest, virtualCloud } from "../packages/sandbox/src/cloud-for-test.ts";
import { type Trust, trustPolicy } from "../packages/unplug/src/report/trust-policy.ts";

const issuer = "https://oidc.example.test/id/1";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const documents: Readonly<Record<string, unknown>> = {
  [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${issuer}/keys` },
  [`${issuer}/keys`]: {
    keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" }],
  },
};

/** A token as a cluster signs it for a pod. */
function token(sub: string, aud: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = startOfTest / 1000 + 600;
  const text = `${part({ alg: "RS256", kid: "k1" })}.${part({ iss: issuer, sub, aud, exp })}`;
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
}

/** A role with our trust policy, and a way to take it. */
async function roleWith(trust: Trust) {
  const virtual = virtualCloud({
    fetchJson: async (url) => documents[url] ?? Promise.reject(new Error(url)),
  });
  await virtual.call("iam:CreateOpenIDConnectProvider", {
    Url: issuer,
    ClientIDList: ["sts.amazonaws.com", "other"],
  });
  const AssumeRolePolicyDocument = JSON.stringify(trustPolicy(trust));
  await virtual.call("iam:CreateRole", { RoleName: "chaos", AssumeRolePolicyDocument });
  const role = { RoleArn: "arn:aws:iam::000000000000:role/chaos", RoleSessionName: "run-1" };
  return (action: string, input: object) =>
    virtual.cloud.call(action, { ...role, ...input }, { region: "us-east-1" }).then(
      () => "taken",
      (error: { code: string }) => error.code,
    );
}

describe("the trust policy that is printed", () => {
  it("of IRSA lets in one service account, with tokens for one audience", async () => {
    const take = await roleWith({
      kind: "irsa",
      providerArn: "arn:aws:iam::000000000000:oidc-provider/oidc.example.test/id/1",
      serviceAccount: { namespace: "chaos", name: "unplug" },
      audience: "sts.amazonaws.com",
    });
    const taken = (account: string, audience = "sts.amazonaws.com") =>
      take("sts:AssumeRoleWithWebIdentity", {
        WebIdentityToken: token(`system:serviceaccount:${account}`, audience),
      });

    expect(await taken("chaos:unplug")).toBe("taken");
    expect(await taken("chaos:other")).toBe("AccessDenied");
    expect(await taken("other:unplug")).toBe("AccessDenied");
    expect(await taken("chaos:unplug", "other")).toBe("AccessDenied");
    expect(await take("sts:AssumeRole", {})).toBe("AccessDenied");
  });

  it("of a role lets in its principal, who says the external id", async () => {
    const mine = await roleWith({
      kind: "role",
      principal: "arn:aws:iam::000000000000:root",
      externalId: "e-1",
    });
    const another = await roleWith({
      kind: "role",
      principal: "arn:aws:iam::999999999999:root",
      externalId: null,
    });

    expect(await mine("sts:AssumeRole", { ExternalId: "e-1" })).toBe("taken");
    expect(await mine("sts:AssumeRole", { ExternalId: "e-2" })).toBe("AccessDenied");
    expect(await mine("sts:AssumeRole", {})).toBe("AccessDenied");
    expect(await another("sts:AssumeRole", {})).toBe("AccessDenied");
  });
});
