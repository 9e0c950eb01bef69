import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { startOfTest, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { allow, callerWith, inner, trusting, userWith } from "../iam/iam-for-test.ts";

const account = "000000000000";
const roleArn = `arn:aws:iam::${account}:role/chaos`;

async function withRole(virtual: VirtualCloud, trust: string, policy = allow("lambda:List*")): Promise<void> {
  await virtual.call("iam:CreateRole", { RoleName: "chaos", AssumeRolePolicyDocument: trust });
  await virtual.call("iam:PutRolePolicy", { RoleName: "chaos", PolicyName: "p", PolicyDocument: policy });
}

const asked = { RoleArn: roleArn, RoleSessionName: "run-1" };

describe("a role that IAM has", () => {
  it("gives its sessions what its policies allow, until they are revoked or it is deleted", async () => {
    const virtual = virtualCloud();
    await withRole(virtual, trusting({ AWS: account }));
    const made = await virtual.call("sts:AssumeRole", asked);
    const call = callerWith(virtual, inner(made, "Credentials", "AccessKeyId"));
    expect(await call("lambda:ListFunctions")).toEqual({ Functions: [] });
    await expect(call("lambda:GetFunction", { FunctionName: "f" })).rejects.toThrow(
      `User: arn:aws:sts::${account}:assumed-role/chaos/run-1 is not authorized to perform: lambda:GetFunction`,
    );
    virtual.pass(1000);
    await virtual.call("iam:PutRolePolicy", {
      RoleName: "chaos",
      PolicyName: "AWSRevokeOlderSessions",
      PolicyDocument: allow("*", "*", {
        Effect: "Deny",
        Condition: { DateLessThan: { "aws:TokenIssueTime": new Date(startOfTest + 1000).toISOString() } },
      }),
    });
    await expect(call("lambda:ListFunctions")).rejects.toThrow(/explicit deny/);
    const again = await virtual.call("sts:AssumeRole", asked);
    const later = callerWith(virtual, inner(again, "Credentials", "AccessKeyId"));
    expect(await later("lambda:ListFunctions")).toEqual({ Functions: [] });
    for (const PolicyName of ["p", "AWSRevokeOlderSessions"]) {
      await virtual.call("iam:DeleteRolePolicy", { RoleName: "chaos", PolicyName });
    }
    await virtual.call("iam:DeleteRole", { RoleName: "chaos" });
    await expect(later("lambda:ListFunctions")).rejects.toMatchObject({
      code: "UnrecognizedClientException",
    });
  });

  it("asks for the external id", async () => {
    const virtual = virtualCloud();
    const condition = { Condition: { StringEquals: { "sts:ExternalId": "e-1" } } };
    await withRole(virtual, trusting({ AWS: `arn:aws:iam::${account}:root` }, condition));
    const refused = {
      code: "AccessDenied",
      status: 403,
      message: `User: arn:aws:iam::${account}:user/sandbox is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    };
    await expect(virtual.call("sts:AssumeRole", asked)).rejects.toMatchObject(refused);
    await expect(virtual.call("sts:AssumeRole", { ...asked, ExternalId: "e-2" })).rejects.toMatchObject(
      refused,
    );
    expect(await virtual.call("sts:AssumeRole", { ...asked, ExternalId: "e-1" })).toHaveProperty(
      "Credentials",
    );
  });

  it("is assumed by who it names, or by who may where it names the account", async () => {
    const virtual = virtualCloud();
    await withRole(virtual, trusting({ AWS: account }));
    const ann = await userWith(virtual, "ann", allow("sqs:*"));
    const bob = await userWith(virtual, "bob", allow("sts:AssumeRole", roleArn));
    await expect(ann("sts:AssumeRole", asked)).rejects.toMatchObject({ code: "AccessDenied" });
    expect(await bob("sts:AssumeRole", asked)).toHaveProperty("Credentials");
    await virtual.call("iam:UpdateAssumeRolePolicy", {
      RoleName: "chaos",
      PolicyDocument: trusting({ AWS: `arn:aws:iam::${account}:user/ann` }),
    });
    expect(await ann("sts:AssumeRole", asked)).toHaveProperty("Credentials");
    await expect(bob("sts:AssumeRole", asked)).rejects.toMatchObject({ code: "AccessDenied" });
    // Nor does a user learn whether another role is there.
    await expect(bob("sts:AssumeRole", { ...asked, RoleArn: `${roleArn}-2` })).rejects.toMatchObject({
      code: "AccessDenied",
    });
  });

  it("lends no longer than it may, shorter where a switch says so, and less where a policy comes with it", async () => {
    const virtual = virtualCloud();
    await withRole(virtual, trusting({ AWS: account }));
    await expect(virtual.call("sts:AssumeRole", { ...asked, DurationSeconds: 7200 })).rejects.toThrow(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    virtual.cloud.switches.set({ sessionSeconds: 2 });
    const made = await virtual.call("sts:AssumeRole", { ...asked, Policy: allow("lambda:ListLayers") });
    const call = callerWith(virtual, inner(made, "Credentials", "AccessKeyId"));
    await expect(call("lambda:ListFunctions")).rejects.toThrow(/because no session policy allows/);
    expect(await call("lambda:ListLayers")).toEqual({ Layers: [] });
    virtual.pass(2000);
    await expect(call("lambda:ListLayers")).rejects.toMatchObject({ code: "ExpiredTokenException" });
  });
});

const issuer = "https://oidc.example.test/id/1";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" }] };

function token(
  claims: object = {},
  { kid = "k1", key = privateKey }: { kid?: string; key?: KeyObject } = {},
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = startOfTest / 1000 + 600;
  const text = `${part({ alg: "RS256", kid })}.${part({ iss: issuer, sub: "system:serviceaccount:a:b", aud: "sts.amazonaws.com", exp, ...claims })}`;
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

async function withIssuer(): Promise<(WebIdentityToken: string) => Promise<unknown>> {
  const documents: Readonly<Record<string, unknown>> = {
    [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${issuer}/keys` },
    [`${issuer}/keys`]: jwks,
  };
  const virtual = virtualCloud({
    fetchJson: async (url) => documents[url] ?? Promise.reject(new Error(url)),
  });
  const made = await virtual.call("iam:CreateOpenIDConnectProvider", {
    Url: issuer,
    ClientIDList: ["sts.amazonaws.com"],
  });
  const host = issuer.slice("https://".length);
  const trust = trusting(
    { Federated: made["OpenIDConnectProviderArn"] },
    {
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { [`${host}:sub`]: "system:serviceaccount:a:b", [`${host}:aud`]: "sts.amazonaws.com" },
      },
    },
  );
  await withRole(virtual, trust);
  return (WebIdentityToken) =>
    virtual.cloud.call(
      "sts:AssumeRoleWithWebIdentity",
      { ...asked, WebIdentityToken },
      { region: "us-east-1" },
    );
}

describe("a web identity", () => {
  it("has the role whose trust names its subject and audience, signed by its issuer", async () => {
    const assume = await withIssuer();
    expect(await assume(token())).toMatchObject({
      SubjectFromWebIdentityToken: "system:serviceaccount:a:b",
      Audience: "sts.amazonaws.com",
      Provider: issuer,
      AssumedRoleUser: { Arn: `arn:aws:sts::${account}:assumed-role/chaos/run-1` },
    });
  });

  it.each([
    ["another subject", { sub: "system:serviceaccount:a:c" }, {}, "AccessDenied"],
    ["another audience", { aud: "other" }, {}, "InvalidIdentityToken"],
    ["another issuer", { iss: "https://other.test" }, {}, "InvalidIdentityToken"],
    ["an end that has come", { exp: startOfTest / 1000 }, {}, "ExpiredWebIdentityToken"],
    ["a key that the issuer does not have", {}, { kid: "k2" }, "InvalidIdentityToken"],
    [
      "another's signature",
      {},
      { key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey },
      "InvalidIdentityToken",
    ],
  ])("is refused with %s", async (_name, claims, signer, code) => {
    const assume = await withIssuer();
    await expect(assume(token(claims, signer))).rejects.toMatchObject({ code });
  });
});
