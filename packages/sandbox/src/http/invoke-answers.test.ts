import { afterAll, beforeAll, expect, test } from "vitest";
import { startOfTest, virtualCloud, withFunction } from "../cloud-for-test.ts";
import type { InvokeRequest } from "../runtime-port.ts";
import { type CloudServer, serveCloud } from "./serve-cloud.ts";

const seen: InvokeRequest[] = [];
const virtual = virtualCloud({
  invoke: async (request) => {
    seen.push(request);
    const logTail = request.logTail ? "bG9n" : null;
    return { payload: Buffer.from("{}"), functionError: "Unhandled", logTail, executedVersion: "$LATEST" };
  },
});
let server: CloudServer;

beforeAll(async () => {
  server = await serveCloud(virtual.cloud, { port: 0 });
  await withFunction(virtual, "orders");
  expect(virtual.cloud.clock.now()).toBeGreaterThan(startOfTest);
});

afterAll(() => server.close());

function invoke(body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
  const url = `${server.url}/2015-03-31/functions/orders/invocations`;
  return fetch(url, { method: "POST", body, headers });
}

test("an invocation has the id that its answer carries", async () => {
  const answer = await invoke(Buffer.from("{}"));
  expect(answer.headers.get("x-amzn-requestid")).toBe(seen.at(-1)?.requestId);
});

test("the headers of an invocation reach the function and come back", async () => {
  const context = Buffer.from('{"client":{"app":"till"}}').toString("base64");
  const answer = await invoke(Buffer.from('{"a":1}'), {
    "x-amz-client-context": context,
    "x-amz-log-type": "Tail",
  });
  expect(seen.at(-1)).toMatchObject({ clientContext: '{"client":{"app":"till"}}', logTail: true });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "x-amz-executed-version": "$LATEST",
    "x-amz-function-error": "Unhandled",
    "x-amz-log-result": "bG9n",
  });
});

test("a payload in the wrong encoding is refused with the byte that gave it away", async () => {
  const answer = await invoke(Buffer.from([0x66, 0x95, 0x21]));
  expect(answer.status).toBe(400);
  expect(answer.headers.get("x-amzn-errortype")).toBe("InvalidRequestContentException");
  expect(await answer.json()).toEqual({
    Type: "User",
    message:
      "Could not parse request body into json: Could not parse payload into json: Invalid UTF-8 start byte 0x95\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 3]",
  });
});
