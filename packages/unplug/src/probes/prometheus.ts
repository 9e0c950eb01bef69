import * as z from "zod";
import { defineProbe, type ProbeAnswer, type ProbeIo } from "../contract/probe.ts";
import { hint } from "./hint.ts";
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
import { exchange, exchangeProblem } from "./http-exchange.ts";
import { absentSeries } from "./prometheus-absence.ts";
import { type AskPrometheus, type InstantResult, readAnswer } from "./prometheus-answer.ts";

/** Longer ones are posted: servers and proxies refuse long URLs, and some proxies refuse a POST. */
const LONGEST_GET = 2_000;
/** The names of a big server's metrics. */
const MOST_BYTES = 16 * 1024 * 1024;
/** So many of several series are shown. */
const SHOWN = 3;

const settings = z
  .strictObject({
    endpoint: urlSchema.describe("URL of Prometheus, with its path prefix if it has one"),
    query: z
      .string()
      .trim()
      .min(1, "must be a query in PromQL")
      .describe("Instant query in PromQL whose answer is one number")
      .optional(),
    queryFile: z
      .string()
      .min(1, "must be the path of a file")
      .describe("File that holds the query")
      .optional(),
    headers: headersSchema,
    auth: authSchema.optional(),
    tls: tlsSchema.optional(),
  })
  .refine(({ query, queryFile }) => (query === undefined) !== (queryFile === undefined), {
    error: "must have `query` or `queryFile`, one of both",
  })
  .refine(({ endpoint, tls }) => fitsTls({ url: endpoint, tls }), { error: NO_TLS, path: ["endpoint"] })
  .meta({ oneOf: [{ required: ["query"] }, { required: ["queryFile"] }] });

type Settings = z.output<typeof settings>;

/**
 * One instant query by the HTTP API, for the present of the server: what a lagging exporter shows now is what is asked about.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export const prometheusProbe = defineProbe({
  type: "prometheus",
  summary: "Asks Prometheus for one number, by an instant query",
  settings,
  measures: { value: { kind: "number", description: "The value of the only sample that the query gives" } },
  expects: null,
  late: "error",
  example: {
    settings: {
      endpoint: "http://127.0.0.1:9090",
      query: 'sum(aws_lambda_errors_sum{function_name="orders"})',
    },
    expect: { value: { rises: true } },
  },
  async prepare({ headers, auth, tls, ...asked }, io) {
    await readQuery(asked, io);
    await readHeaders(headers, auth, io);
    await tlsOptions(tls, io);
  },
  async check(settings, io) {
    const began = io.clock.now();
    const query = await readQuery(settings, io);
    const ask = await asking(settings, io);
    const result = await ask("query", { query });
    const instead = () =>
      hint(io, began, async (signal) => {
        const text = await absentSeries(query, (path, parameters) => ask(path, parameters, signal));
        return `: ${text}`;
      });
    return await answerOf(result, query, instead);
  },
});

async function readQuery(
  { query, queryFile = "" }: Pick<Settings, "query" | "queryFile">,
  { file }: Pick<ProbeIo, "file">,
): Promise<string> {
  const text = query ?? (await file(queryFile)).trim();
  if (text === "") throw new Error(`${queryFile} is empty, expected a query in PromQL.`);
  return text;
}

async function asking(settings: Settings, io: ProbeIo): Promise<AskPrometheus> {
  const tls = await tlsOptions(settings.tls, io);
  const headers = {
    "user-agent": "unplug-probe",
    accept: "application/json",
    ...(await readHeaders(settings.headers, settings.auth, io)),
  };
  const base = new URL(settings.endpoint);
  const prefix = base.pathname.replace(/\/+$/, "");
  return async (path, parameters, signal = io.signal) => {
    const access = { signal, most: MOST_BYTES, ...tls };
    const url = new URL(`${prefix}/api/v1/${path}`, base);
    const text = new URLSearchParams(parameters).toString();
    const isPosted = text.length > LONGEST_GET;
    if (!isPosted) url.search = text;
    const form = {
      "content-type": "application/x-www-form-urlencoded",
      "content-length": Buffer.byteLength(text),
    };
    const request = isPosted
      ? { ...access, method: "POST", headers: { ...headers, ...form }, body: text }
      : { ...access, method: "GET", headers };
    const answer = await exchange(url.href, request).catch((error: unknown) => {
      throw new Error(`Prometheus at ${base.host} could not be asked: ${exchangeProblem(error)}`);
    });
    return readAnswer(answer, `${url.origin}${url.pathname}`);
  };
}

async function answerOf(
  result: InstantResult,
  query: string,
  instead: () => Promise<string>,
): Promise<ProbeAnswer> {
  const { samples } = result;
  if (samples === null)
    throw new Error(`The query ${query} gives ${result.what}, expected one number: ${result.remedy}`);
  const [sample, ...others] = samples;
  if (sample === undefined)
    return { measures: { value: null }, missing: `no series fits ${query}${await instead()}` };
  if (others.length > 0) {
    const shown = samples.slice(0, SHOWN).map(({ labels }) => labels);
    const more = samples.length > SHOWN ? ` and ${samples.length - SHOWN} more` : "";
    throw new Error(
      `The query ${query} gives ${samples.length} series, expected one: ${shown.join(", ")}${more}. Narrow it by labels, or put sum(…), max(…) or the like around it.`,
    );
  }
  if (Number.isFinite(sample.value)) return { measures: { value: sample.value } };
  return { measures: { value: null }, missing: `the value is ${sample.text}, which is no number` };
}
