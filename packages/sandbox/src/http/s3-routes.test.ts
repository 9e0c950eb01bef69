import { afterEach, expect, it } from "vitest";
import { virtualCloud } from "../cloud-for-test.ts";
import { type CloudServer, serveCloud } from "./serve-cloud.ts";

let server: CloudServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

type Ask = (
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
) => Promise<Response>;

async function bucket(): Promise<Ask> {
  const { url } = (server = await serveCloud(virtualCloud().cloud, { port: 0 }));
  const authorization = "AWS4-HMAC-SHA256 Credential=test/20260301/us-east-1/s3/aws4_request, Signature=0";
  const ask: Ask = (method, path, body, headers = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  expect((await ask("PUT", "/shop")).status).toBe(200);
  return ask;
}

it("speaks REST: bytes in the body, the rest in headers", async () => {
  const ask = await bucket();
  const put = await ask("PUT", "/shop//a%20b.txt", "hello", {
    "x-amz-meta-kind": "note",
    "content-type": "text/plain",
  });
  expect(put.headers.get("etag")).toBe('"5d41402abc4b2a76b9719d911017c592"');
  const head = await ask("HEAD", "/shop//a%20b.txt");
  expect([head.headers.get("content-length"), head.headers.get("x-amz-meta-kind")]).toEqual(["5", "note"]);
  const got = await ask("GET", "/shop//a%20b.txt", undefined, { range: "bytes=1-" });
  expect([got.status, got.headers.get("content-type"), await got.text()]).toEqual([
    206,
    "text/plain",
    "ello",
  ]);
  expect((await ask("DELETE", "/shop//a%20b.txt")).status).toBe(204);
});

it("takes the chunks of a streamed body apart", async () => {
  const ask = await bucket();
  const body = "5;chunk-signature=00\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
  await ask("PUT", "/shop/k", body, { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" });
  expect(await (await ask("GET", "/shop/k")).text()).toBe("hello world");
  const cut = await ask("PUT", "/shop/k", "a\r\nhel", { "content-encoding": "aws-chunked" });
  expect([cut.status, await cut.text()]).toEqual([
    400,
    expect.stringContaining("<Code>IncompleteBody</Code>"),
  ]);
});

it("reads and writes documents", async () => {
  const ask = await bucket();
  await ask("PUT", "/shop/a%26b", "1");
  const listed = await (await ask("GET", "/shop?list-type=2")).text();
  expect(listed).toContain(
    "<Contents><Key>a&amp;b</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified>",
  );
  await ask(
    "PUT",
    "/shop?versioning",
    "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  );
  expect(await (await ask("GET", "/shop?versioning")).text()).toContain("<Status>Enabled</Status>");
  const gone = await ask("POST", "/shop?delete", "<Delete><Object><Key>a&amp;b</Key></Object></Delete>");
  expect(await gone.text()).toContain("<Deleted><Key>a&amp;b</Key><DeleteMarker>true</DeleteMarker>");
  expect(await (await ask("GET", "/")).text()).toContain("<Buckets><Bucket><Name>shop</Name>");
});

it("says in XML what is wrong, and nothing to HEAD", async () => {
  const ask = await bucket();
  const missing = await ask("GET", "/shop/none");
  expect([missing.status, await missing.text()]).toEqual([
    404,
    expect.stringContaining(
      "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>none</Key>",
    ),
  ]);
  const head = await ask("HEAD", "/shop/none");
  expect([head.status, await head.text()]).toEqual([404, ""]);
  expect((await ask("GET", "/shop?policy")).status).toBe(501);
});
