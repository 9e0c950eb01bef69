import { once } from "node:events";
import { connect } from "node:http2";
import { connect as connectSocket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { virtualCloud } from "../cloud-for-test.ts";
import { type CloudServer, serveCloud } from "./serve-cloud.ts";

let server: CloudServer;

beforeEach(async () => {
  server = await serveCloud(virtualCloud().cloud, { port: 0 });
});

afterEach(() => server.close());

async function overHttp2(operation: string, input: unknown): Promise<string> {
  const session = connect(server.url);
  const stream = session.request({
    ":method": "POST",
    ":path": "/",
    "x-amz-target": `Kinesis_20131202.${operation}`,
    authorization: "AWS4-HMAC-SHA256 Credential=AKIA/20260301/us-east-1/kinesis/aws4_request, Signature=x",
  });
  stream.end(JSON.stringify(input));
  const body = await text(stream);
  session.close();
  return body;
}

it("answers clients that speak HTTP/2 without asking, as the SDK's for Kinesis does", async () => {
  await overHttp2("CreateStream", { StreamName: "clicks", ShardCount: 1 });
  const answer: unknown = JSON.parse(await overHttp2("DescribeStreamSummary", { StreamName: "clicks" }));
  expect(answer).toMatchObject({
    StreamDescriptionSummary: { StreamARN: "arn:aws:kinesis:us-east-1:000000000000:stream/clicks" },
  });
});

it("answers HTTP/1.1 on the same port, also when it comes in pieces", async () => {
  expect((await fetch(`${server.url}/_unplug/health`)).status).toBe(200);
  const socket = connectSocket(server.port, "127.0.0.1");
  await once(socket, "connect");
  for (const piece of ["P", "UT /_unplug/switches HTTP/1.1\r\nhost: x\r\n", "content-length: 2\r\n\r\n{}"]) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});

it("cuts connections of both protocols and those that have said nothing when it closes", async () => {
  const silent = connectSocket(server.port, "127.0.0.1");
  await once(silent, "connect");
  const session = connect(server.url);
  await once(session, "connect");
  const closed = Promise.all([once(silent, "close"), once(session, "close")]);
  await server.close();
  await closed;
});
