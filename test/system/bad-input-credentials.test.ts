import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, endpointFor, json } from "../../packages/unplug/src/aws/endpoint-for-test.ts";
import { systemClock } from "../../packages/unplug/src/contract/clock.ts";
import { openJournal } from "../../packages/unplug/src/journal/sqlite-journal.ts";
import { Lab, REGION, TOGGLE } from "../support/lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ timing: "none" });
});

afterAll(() => lab.close());

/** Source: what STS answers, in the query protocol. */
function xml(status: number, text: string): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "text/xml" });
    response.end(text);
  };
}

function stsError(code: string, message: string): Answer {
  return xml(
    403,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${message}</Message></Error><RequestId>0</RequestId></ErrorResponse>`,
  );
}

const known = xml(
  200,
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
    "<Arn>arn:aws:iam::000000000000:user/x</Arn><UserId>X</UserId><Account>000000000000</Account>" +
    "</GetCallerIdentityResult></GetCallerIdentityResponse>",
);

const OLD = "The security token included in the request is expired";
const WRONG =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details";

interface Row {
  readonly sts: Answer;
  readonly lambda: Answer;
  readonly says: string;
  readonly hint: RegExp;
}

const never = json(500, "Unexpected", "nobody may ask for this");
const rows: Readonly<Record<string, Row>> = {
  "credentials that are too old": {
    sts: stsError("ExpiredToken", OLD),
    lambda: never,
    says: `ExpiredToken: sts:GetCallerIdentity: ${OLD}`,
    hint: /^The credentials are too old\. Get new ones .*`aws sso login`/m,
  },
  "a secret that is not the key's": {
    sts: stsError("SignatureDoesNotMatch", WRONG),
    lambda: never,
    says: `SignatureDoesNotMatch: sts:GetCallerIdentity: ${WRONG}`,
    hint: /^AWS does not know these credentials: a key that is wrong/m,
  },
  "a key that nobody has": {
    sts: stsError("InvalidClientTokenId", "The security token included in the request is invalid."),
    lambda: never,
    says: "InvalidClientTokenId: sts:GetCallerIdentity: The security token",
    hint: /^AWS does not know these credentials: a key that is wrong/m,
  },
  "credentials that end after the first call": {
    sts: known,
    lambda: json(403, "ExpiredTokenException", OLD),
    says: `ExpiredTokenException: lambda:GetFunction: ${OLD}`,
    hint: /^The credentials are too old\. Get new ones/m,
  },
  "a signature that Lambda does not take": {
    sts: known,
    lambda: json(403, "InvalidSignatureException", WRONG),
    says: `InvalidSignatureException: lambda:GetFunction: ${WRONG}`,
    hint: /^AWS does not know these credentials: .*a clock that is minutes off/m,
  },
};

describe.concurrent("credentials that AWS refuses end with 3, and nothing is written", () => {
  test.for(Object.entries(rows))("%s", async ([, { sts, lambda, says, hint }], { onTestFinished }) => {
    const { endpoint, asked } = await endpointFor(
      (response, request) => (request.url === "/" ? sts : lambda)(response, request),
      onTestFinished,
    );
    const { code, stdout, stderr } = await lab.unplug(
      ["fault", TOGGLE, "FUNCTION_NAME=orders", `REGION=${REGION}`, "EVENT_UUIDS=all", "--format", "json"],
      { AWS_ENDPOINT_URL: endpoint },
    );

    expect(code, stderr).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "error",
      injection: "skipped",
      restore: "not-needed",
    });
    expect(stderr).toContain(`ERROR: nothing was injected; nothing to restore (${says}`);
    expect(stderr).toMatch(hint);
    expect(stderr).not.toMatch(/\n\s+at |defect/);
    // Asked again, signed anew, at most once; of Lambda nothing but a reading.
    expect(asked.filter(({ url }) => url === "/").length).toBeLessThanOrEqual(2);
    expect(asked.filter(({ url, method }) => url !== "/" && method !== "GET")).toEqual([]);
  });
});

test("no run of these goes on or holds anything", async () => {
  const journal = openJournal(lab.home, systemClock);
  const heads = await journal.runs();
  journal.close();
  expect(heads).toHaveLength(Object.keys(rows).length);
  expect(heads.filter(({ closed, alive }) => alive || !closed)).toEqual([]);
});
