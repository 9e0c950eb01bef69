import * as z from "zod";
import { defineProbe } from "../contract/probe.ts";
import {
  authSchema,
  fitsTls,
  headersSchema,
  NO_TLS,
  readHeaders,
  tlsOptions,
  tlsSchema,
  urlSchema,
} from "./http-access.ts";
import { exchange, exchangeProblem, type HttpAnswer } from "./http-exchange.ts";
import { jsonMeasures, jsonText } from "./json-measures.ts";

const settings = z
  .strictObject({
    url: urlSchema.describe("What is asked"),
    method: z
      .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], "must be a method like GET or POST")
      .default("GET")
      .describe("How it is asked"),
    headers: headersSchema,
    body: z.string().describe("Body of the request").optional(),
    auth: authSchema.optional(),
    tls: tlsSchema.optional(),
  })
  .refine(fitsTls, { error: NO_TLS, path: ["url"] });

/** Asks a URL. Redirects are not followed: what a caller would see first is what counts. */
export const httpProbe = defineProbe({
  type: "http",
  summary: "Asks a URL, and measures status, time, headers and body of its answer",
  settings,
  measures: {
    statusCode: { kind: "number", description: "Status of the answer" },
    responseTimeMs: {
      kind: "number",
      description: "From the start of the request to the end of the answer, in milliseconds",
    },
    body: { kind: "text", description: "Body of the answer, unpacked, its first MiB" },
    "header.*": { kind: "text", description: "A header of the answer, its name in lower case" },
    "json.*": {
      kind: "any",
      description: "A member of the body's JSON, by its dotted path: json.items.0.id, json.items.length",
    },
  },
  expects: null,
  example: {
    settings: { url: "https://api.example.com/orders/1" },
    expect: { statusCode: { oneOf: [200, 503] }, responseTimeMs: { "<=": 2000 } },
  },
  async prepare({ headers, auth, tls }, io) {
    await readHeaders(headers, auth, io);
    await tlsOptions(tls, io);
  },
  async check({ url, method, body, ...access }, io) {
    const request = {
      method,
      body,
      signal: io.signal,
      headers: {
        "user-agent": "unplug-probe",
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
        ...(await readHeaders(access.headers, access.auth, io)),
      },
      ...(await tlsOptions(access.tls, io)),
    };
    const started = performance.now();
    try {
      const answer = await exchange(url, request);
      return measured(answer, Math.round(performance.now() - started));
    } catch (error) {
      // What the caller of such a service would see, too: a failure of it, no error of the probe.
      return { measures: {}, failure: `${new URL(url).host} did not answer: ${exchangeProblem(error)}` };
    }
  },
});

function measured({ statusCode, headers, body, isWhole }: HttpAnswer, responseTimeMs: number) {
  const json = jsonMeasures(body);
  const byName = Object.entries(headers).map(([name, value]) => [`header.${name}`, value]);
  const what = isWhole ? jsonText(json) : "too long to be read as JSON";
  return {
    measures: { statusCode, responseTimeMs, body, ...Object.fromEntries(byName), ...json },
    missing: `the answer (${statusCode}) has none: its headers are ${Object.keys(headers).join(", ") || "none"}, its body is ${what}`,
  };
}
