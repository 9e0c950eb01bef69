/** What goes back over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Values of Set-Cookie headers. */
  readonly cookies?: readonly string[];
}

/** One request, read to its end. */
export interface HttpRequest {
  readonly method: string;
  /** Path with the query, as it was sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** IP address of the client, where it is known. */
  readonly remoteAddress?: string;
}

/** The API's JSON of an answer: bytes become base64. */
function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(withoutBuffers(value)));
}

function withoutBuffers(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(withoutBuffers);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBuffers(item)]));
}

export function jsonAnswer(status: number, value: unknown, type = "application/json"): HttpAnswer {
  return { status, headers: { "content-type": type }, body: jsonBytes(value) };
}
