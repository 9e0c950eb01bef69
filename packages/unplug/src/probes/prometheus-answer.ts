import * as z from "zod";
import type { HttpAnswer } from "./http-exchange.ts";

/** One sample of an instant query. */
export interface PrometheusSample {
  /** As PromQL writes them: `{queue_name="orders"}`. */
  readonly labels: string;
  readonly value: number;
  readonly text: string;
}

/** `samples` null: the answer is of another kind, `what`, and `remedy` says how it becomes numbers. */
export type InstantResult =
  /** `names`: of the values of a label, where these were asked for. */
  | { readonly samples: readonly PrometheusSample[]; readonly names: readonly string[] }
  | { readonly samples: null; readonly what: string; readonly remedy: string };

/** Asks one endpoint of the API, as long as the check may go on, or `signal` lets it. Throws where Prometheus cannot be asked, and where it refuses. */
export type AskPrometheus = (
  path: string,
  parameters: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) => Promise<InstantResult>;

const point = z.tuple([z.number(), z.string()]);
const series = z.looseObject({ metric: z.record(z.string(), z.string()), value: point.optional() });
const answerSchema = z.union([
  z.looseObject({ status: z.literal("error"), errorType: z.string(), error: z.string() }),
  z.looseObject({
    status: z.literal("success"),
    data: z.union([
      z.looseObject({ resultType: z.literal("vector"), result: z.array(series) }),
      z.looseObject({ resultType: z.literal("scalar"), result: point }),
      z.looseObject({ resultType: z.enum(["matrix", "string"]) }),
      z.array(z.string()),
    ]),
  }),
]);

/** What the API answered. Throws for what it refuses, in its own words, and for what is no Prometheus. */
export function readAnswer(answer: HttpAnswer, url: string): InstantResult {
  const { statusCode, statusText, headers, body, isWhole } = answer;
  if (!isWhole) throw new Error(`${url} answered more than can be read.`);
  const parsed = answerSchema.safeParse(parsedJson(body));
  if (!parsed.success) {
    const remedy =
      statusCode === 401 || statusCode === 403
        ? "look at `auth` and `headers`"
        : "`endpoint` must be the URL of Prometheus, with its path prefix if it has one";
    const type = headers["content-type"] ?? "no content type";
    throw new Error(
      `${url} answered ${statusCode} ${statusText} (${type}), which is no answer of Prometheus: ${remedy}.`,
    );
  }
  if (parsed.data.status === "error")
    throw new Error(`Prometheus refuses (${statusCode}, ${parsed.data.errorType}): ${parsed.data.error}`);
  const { data } = parsed.data;
  if (Array.isArray(data)) return { samples: [], names: data };
  switch (data.resultType) {
    case "vector":
      return vector(data.result);
    case "scalar":
      return { samples: [sample({}, data.result[1])], names: [] };
    case "matrix":
      return {
        samples: null,
        what: "a range of samples",
        remedy: "put avg_over_time(…), max_over_time(…) or rate(…) around it",
      };
    case "string":
      return { samples: null, what: "a text", remedy: "ask for a metric" };
  }
}

function vector(result: readonly z.output<typeof series>[]): InstantResult {
  const samples = result.flatMap(({ metric, value }) =>
    value === undefined ? [] : [sample(metric, value[1])],
  );
  if (samples.length === result.length) return { samples, names: [] };
  return {
    samples: null,
    what: "a histogram",
    remedy: "put histogram_quantile(…) or histogram_count(…) around it",
  };
}

function sample(metric: Readonly<Record<string, string>>, text: string): PrometheusSample {
  const { __name__: name = "", ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return { labels: `${name}{${pairs.join(", ")}}`, value: Number(text), text };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
