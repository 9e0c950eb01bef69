import { request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import * as z from "zod";
import { defineProbe, type Measures, type ProbeAnswer, type ProbeIo } from "../contract/probe.ts";
import { authorization, authSchema, tlsOptions, tlsSchema } from "./http-access.ts";
import { jsonMeasures } from "./json-measures.ts";

/** More of an answer than this is not looked at. */
const MOST_BODY = 1024 * 1024;

const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "must be a URL that begins with http:// or https://" }),
  method: z
    .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], "must be a method like GET or POST")
    .default("GET"),
  headers: z
    .record(z.string(), z.union([z.string(), z.number().transform(String)]))
    .refine((headers) => !Object.keys(headers).some((name) => name.toLowerCase() === "authorization"), {
      error: "must not hold a secret: use `auth`, which names one of the store",
    })
    .default({}),
  body: z.string().optional(),
  auth: authSchema.optional(),
  tls: tlsSchema.optional(),
});

type Settings = z.output<typeof settings>;

/** Asks a URL. Redirects are not followed: what a caller would see first is what counts. */
export const httpProbe = defineProbe({
  type: "http",
  summary: "Asks a URL, and measures status, time, headers and body of its answer.",
  settings,
  measures: {
    statusCode: { kind: "number", description: "Status of the answer" },
    responseTimeMs: { kind: "number", description: "From the start of the request to the end of the answer" },
    body: { kind: "text", description: "Body of the answer, its first MiB" },
    "header.*": { kind: "text", description: "A header of the answer, its name in lower case" },
    "json.*": { kind: "any", description: "A member of the body's JSON, by its dotted path" },
  },
  expects: null,
  example: {
    settings: { url: "https://api.example.com/orders/1" },
    expect: { statusCode: { oneOf: [200, 503] }, responseTimeMs: { "<=": 2000 } },
  },
  async check(settings, io) {
    const started = performance.now();
    const options = await requestOptions(settings, io);
    try {
      const { statusCode, headers, body } = await ask(settings, options);
      const responseTimeMs = Math.round(performance.now() - started);
      return { measures: { statusCode, responseTimeMs, body, ...headers, ...jsonMeasures(body) } };
    } catch (error) {
      return unanswered(error, settings);
    }
  },
});

async function requestOptions(
  { method, headers, auth, tls, body }: Settings,
  io: ProbeIo,
): Promise<RequestOptions> {
  return {
    method,
    signal: io.signal,
    headers: {
      "user-agent": "unplug-probe",
      ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
      ...headers,
      ...(await authorization(auth, io)),
    },
    ...(await tlsOptions(tls, io)),
    // A connection of its own: one that was open before the fault would hide it.
    agent: false,
  };
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Measures;
  readonly body: string;
}

function ask({ url, body }: Settings, options: RequestOptions): Promise<Answer> {
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on("data", (chunk: Buffer) => {
        if (length < MOST_BODY) chunks.push(chunk);
        length += chunk.length;
      });
      answer.on("error", reject);
      answer.on("end", () => {
        const headers = Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [`header.${name}`, String(value)]),
        );
        const text = Buffer.concat(chunks).subarray(0, MOST_BODY).toString("utf8");
        resolve({ statusCode: answer.statusCode ?? 0, headers, body: text });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** No connection, or no whole answer, is what the caller of such a service would see: a failure, no error of the probe. */
function unanswered(error: unknown, { url }: Settings): ProbeAnswer {
  const code = error instanceof Error && "code" in error ? `${String(error.code)}: ` : "";
  const text = error instanceof Error ? error.message : String(error);
  return { measures: {}, failure: `${new URL(url).host} did not answer: ${code}${text}` };
}
