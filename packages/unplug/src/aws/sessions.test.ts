import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Access } from "../contract/access.ts";
import { findSecrets } from "../secrets/find-secrets.ts";
import { credentialsOf } from "./credentials.ts";
import { type Answer, endpointFor, failure, json, signerOf } from "./endpoint-for-test.ts";
import { sdkAws } from "./sdk-aws.ts";

const READ = "lambda:GetEventSourceMapping";
const WRITE = "lambda:UpdateEventSourceMapping";
const fine: Answer = (response) =>
  response.writeHead(200, { "content-type": "application/json" }).end('{"UUID":"u"}');

/** What STS answers to AssumeRole: keys that are named after those that asked. */
function assumed(response: ServerResponse, request: IncomingMessage, end: string): void {
  const keys = `<AccessKeyId>ROLEOF${signerOf(request)}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`;
  const rest = `<SessionToken>t</SessionToken><Expiration>${end}</Expiration>`;
  response.writeHead(200, { "content-type": "text/xml" });
  response.end(
    `<AssumeRoleResponse><AssumeRoleResult><Credentials>${keys}${rest}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

interface World {
  /** The key that AWS knows. */
  known: string;
  code: string;
  /** When sessions of the role end. */
  end: string;
  /** By the endpoint's clock. */
  date?: string;
}

/** A file secret with keys, an endpoint that knows one key only, and AWS by that secret. */
async function rotated(more: Partial<Access> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "unplug-rotated-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const put = (key: string, secret = "s") =>
    writeFileSync(
      join(folder, "keys"),
      `[default]\naws_access_key_id = ${key}\naws_secret_access_key = ${secret}\n`,
    );
  const world: World = { known: "OLD", code: "UnrecognizedClientException", end: "2126-01-01T00:00:00Z" };
  const { endpoint, asked } = await endpointFor((response, request) => {
    if (world.date !== undefined) response.setHeader("date", world.date);
    const signer = signerOf(request);
    const isSts = request.headers.authorization?.includes("/sts/") === true;
    if (signer.replace("ROLEOF", "") !== world.known)
      return isSts ? unknownToSts(response, request) : json(403, world.code, "no")(response, request);
    return isSts ? assumed(response, request, world.end) : fine(response, request);
  });
  const access: Access = {
    region: "us-east-1",
    profile: "",
    secret: "keys",
    assumeRoleArn: "",
    externalId: "",
    endpoint,
    ...more,
  };
  put("OLD");
  const secrets = findSecrets(folder, { read: () => Promise.resolve(null) });
  const newProvider = vi.fn(await credentialsOf(access, "r-1", { secrets }));
  const aws = sdkAws({
    region: "us-east-1",
    endpoint,
    newProvider,
    now: () => Date.now(),
    maxAttempts: 1,
    customUserAgent: [],
  });
  return { aws, asked, put, newProvider, world, signers: () => asked.map(signerOf) };
}

const unknownToSts: Answer = (response) => {
  response.writeHead(403, { "content-type": "text/xml" });
  response.end(
    "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>",
  );
};

describe("keys that AWS does not know any more", () => {
  it.each([
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
  ])("are read again, and the same call is made with what is there by then (%s)", async (code) => {
    const { aws, put, world, signers } = await rotated();
    await aws.call(READ, { UUID: "u" });
    put("NEW");
    Object.assign(world, { known: "NEW", code });
    expect(await aws.call(WRITE, { UUID: "u" })).toMatchObject({ UUID: "u" });
    await aws.call(READ, { UUID: "u" });
    expect(signers()).toEqual(["OLD", "OLD", "NEW", "NEW"]);
  });

  it("are not sent again where their source gives the same, nor where the others are not known either", async () => {
    const { aws, put, world, signers } = await rotated();
    await aws.call(READ, { UUID: "u" });
    world.known = "NOBODY";
    expect(await failure(aws.call(WRITE, { UUID: "u" }))).toMatchObject({
      code: "UnrecognizedClientException",
      outcome: "refused",
    });
    expect(signers()).toEqual(["OLD", "OLD"]);
    put("NEW");
    await failure(aws.call(WRITE, { UUID: "u" }));
    expect(signers()).toEqual(["OLD", "OLD", "OLD", "NEW"]);
  });

  it("are others, too, where only the secret was changed", async () => {
    const { aws, put, world, asked } = await rotated();
    world.known = "NOBODY";
    await failure(aws.call(READ, { UUID: "u" }));
    put("OLD", "another");
    await failure(aws.call(READ, { UUID: "u" }));
    expect(asked).toHaveLength(3);
  });

  it("are read once, however many calls were refused at the same time", async () => {
    const { aws, put, newProvider, world } = await rotated();
    await aws.call(READ, { UUID: "u" });
    put("NEW");
    world.known = "NEW";
    await Promise.all([1, 2, 3, 4].map(() => aws.call(WRITE, { UUID: "u" })));
    expect(newProvider).toHaveBeenCalledTimes(2);
  });

  it("are read again where a role is assumed with them, once its session is not known either", async () => {
    const { aws, put, world, signers } = await rotated({ assumeRoleArn: "arn:aws:iam::123456789012:role/r" });
    await aws.call(READ, { UUID: "u" });
    put("NEW");
    world.known = "NEW";
    expect(await aws.call(WRITE, { UUID: "u" })).toMatchObject({ UUID: "u" });
    expect(signers()).toEqual(["OLD", "ROLEOFOLD", "ROLEOFOLD", "NEW", "ROLEOFNEW"]);
  });

  it("are read again where the role's session has ended", async () => {
    const { aws, put, world, signers } = await rotated({ assumeRoleArn: "arn:aws:iam::123456789012:role/r" });
    world.end = "2006-01-01T00:00:00Z";
    await aws.call(READ, { UUID: "u" });
    put("NEW");
    world.known = "NEW";
    expect(await aws.call(WRITE, { UUID: "u" })).toMatchObject({ UUID: "u" });
    expect(signers().at(-1)).toBe("ROLEOFNEW");
  });

  it("are read again where no role could be assumed with them", async () => {
    const { aws, put, world, signers } = await rotated({ assumeRoleArn: "arn:aws:iam::123456789012:role/r" });
    world.known = "NEW";
    expect(await failure(aws.call(READ, { UUID: "u" }))).toMatchObject({ outcome: "unsent" });
    put("NEW");
    expect(await aws.call(READ, { UUID: "u" })).toMatchObject({ UUID: "u" });
    expect(signers().at(-1)).toBe("ROLEOFNEW");
  });
});

it("a clock that is off is corrected at the next call, although the keys were doubted for it", async () => {
  const { aws, asked, world } = await rotated();
  const ahead = Date.now() + 7_200_000;
  Object.assign(world, {
    known: "NOBODY",
    code: "InvalidSignatureException",
    date: new Date(ahead).toUTCString(),
  });
  await failure(aws.call(READ, { UUID: "u" }));
  await failure(aws.call(READ, { UUID: "u" }));
  const [first = "", second = ""] = asked.map(({ headers }) => String(headers["x-amz-date"]));
  expect(second.slice(0, 11) > first.slice(0, 11)).toBe(true);
});
