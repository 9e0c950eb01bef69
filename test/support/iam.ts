import { generateKeyPairSync, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { Lab } from "./lab.ts";
import { textOf } from "./world.ts";

export const ACCOUNT = "000000000000";

/** A key pair as the environment or a credentials file has it. */
export interface Keys {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_SESSION_TOKEN?: string;
}

export function allowing(actions: readonly string[], resource = "*"): string {
  const statement = { Effect: "Allow", Action: actions, Resource: resource };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** A user with one policy, and its key. */
export async function addUser(lab: Lab, name: string, policy: string): Promise<Keys> {
  await lab.call("iam:CreateUser", { UserName: name });
  await lab.call("iam:PutUserPolicy", { UserName: name, PolicyName: "own", PolicyDocument: policy });
  const { AccessKey } = await lab.call("iam:CreateAccessKey", { UserName: name });
  return {
    AWS_ACCESS_KEY_ID: textOf(AccessKey, "AccessKeyId"),
    AWS_SECRET_ACCESS_KEY: textOf(AccessKey, "SecretAccessKey"),
  };
}

/** A role with one policy, whom `trust` lets in; gives its ARN. */
export async function addRole(
  lab: Lab,
  name: string,
  trust: Readonly<Record<string, unknown>>,
  policy: string,
): Promise<string> {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", ...trust };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await lab.call("iam:CreateRole", { RoleName: name, AssumeRolePolicyDocument });
  await lab.call("iam:PutRolePolicy", { RoleName: name, PolicyName: "own", PolicyDocument: policy });
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

/** A session of a role, as somebody else has got it. */
export async function sessionOf(lab: Lab, RoleArn: string): Promise<Keys> {
  const { Credentials } = await lab.call("sts:AssumeRole", { RoleArn, RoleSessionName: "by-hand" });
  return {
    AWS_ACCESS_KEY_ID: textOf(Credentials, "AccessKeyId"),
    AWS_SECRET_ACCESS_KEY: textOf(Credentials, "SecretAccessKey"),
    AWS_SESSION_TOKEN: textOf(Credentials, "SessionToken"),
  };
}

/** Profiles as a credentials file has them. */
export function credentialsFile(profiles: Readonly<Record<string, Keys>>): string {
  return Object.entries(profiles)
    .map(([name, keys]) =>
      [
        `[${name}]`,
        ...Object.entries(keys).map(([key, value]) => `${key.toLowerCase()} = ${value}`),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** An issuer of tokens for web identities, as an EKS cluster has one; over HTTP, on a port of this machine. */
export class Issuer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on("request", ({ url: path = "" }, response) => {
      const jwk = { ...this.#keys.publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" };
      const answers: Readonly<Record<string, unknown>> = {
        "/.well-known/openid-configuration": { issuer: this.url, jwks_uri: `${this.url}/keys` },
        "/keys": { keys: [jwk] },
      };
      const answer = answers[path];
      response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer ?? {}));
    });
  }

  static async open(): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return new Issuer(server, typeof address === "object" && address !== null ? address.port : 0);
  }

  /** A token for a service account, good for so many seconds. */
  token(subject: string, seconds: number): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, sub: subject, aud: "sts.amazonaws.com", iat: now, exp: now + seconds };
    const text = `${part({ alg: "RS256", kid: "k1" })}.${part(claims)}`;
    return `${text}.${sign("sha256", Buffer.from(text), this.#keys.privateKey).toString("base64url")}`;
  }

  /** Makes the account trust this issuer; gives what a role's trust policy says of a subject. */
  async register(lab: Lab): Promise<(subject: string) => Readonly<Record<string, unknown>>> {
    const { OpenIDConnectProviderArn: Federated } = await lab.call("iam:CreateOpenIDConnectProvider", {
      Url: this.url,
      ClientIDList: ["sts.amazonaws.com"],
    });
    const host = new URL(this.url).host;
    return (subject) => ({
      Action: "sts:AssumeRoleWithWebIdentity",
      Principal: { Federated },
      Condition: { StringEquals: { [`${host}:sub`]: subject, [`${host}:aud`]: "sts.amazonaws.com" } },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
