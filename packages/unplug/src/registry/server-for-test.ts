import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { openRegistry } from "./index.ts";
import { RegistryError } from "./registry-error.ts";

export interface Heard {
  /** `GET /v2/…`, with the query. */
  readonly what: string;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: Buffer;
}

export type Behaviour = (response: ServerResponse, heard: Heard, request: IncomingMessage) => void;

/** A registry, or what says that it is one, until the test is over; and what it was asked. */
export async function serve(behave: Behaviour) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { authorization, "content-type": type } = request.headers;
      const one = {
        what: `${request.method} ${request.url}`,
        authorization,
        type,
        body: Buffer.concat(chunks),
      };
      heard.push(one);
      behave(response, one, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, heard };
}

export function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Uint8Array = "",
): void {
  response.writeHead(status, { "content-length": String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

/** A "no" as registries say it. */
export function refuse(response: ServerResponse, status: number, code: string, message = ""): void {
  const body = JSON.stringify({ errors: [{ code, message }] });
  answer(response, status, { "content-type": "application/json" }, body);
}

export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The error that `work` fails with; throws when it is none of ours. */
export async function failure(work: Promise<unknown>): Promise<RegistryError> {
  const error: unknown = await work.then(
    () => "it succeeded",
    (thrown: unknown) => thrown,
  );
  if (error instanceof RegistryError) return error;
  throw new Error(`no RegistryError: ${String(error)}`);
}

export const OCI = "application/vnd.oci.image.manifest.v1+json";
export const MANIFEST = '{"schemaVersion":2}';
export const short = { idleMs: 2_000, pauseMs: 1, totalMs: 5_000, streamMs: 5_000 };
const credentials = { username: "AWS", password: "secret" };

/** A client of a registry that behaves so, with little patience. */
export async function registryThat(behave: Behaviour, limits: Parameters<typeof openRegistry>[2] = {}) {
  const server = await serve(behave);
  return { ...server, registry: openRegistry(server.url, credentials, { ...short, ...limits }) };
}

export const blob = (text: string) => ({
  repository: "r",
  digest: sha256(text),
  size: text.length,
  open: () => [Buffer.from(text)],
});
export const aManifest = { repository: "r", reference: "v1", bytes: Buffer.from(MANIFEST), mediaType: OCI };
