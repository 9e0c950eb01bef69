import * as z from "zod";
import { parseFunctionName } from "../contract/arns.ts";
import { AwsError, isThrottled, type OutputOf } from "../contract/aws.ts";
import { defineProbe, type Measures, type ProbeAnswer } from "../contract/probe.ts";
import { arnOf, connectionFor, placeOf, regionSetting } from "./aws-settings.ts";
import { jsonMeasures, jsonText } from "./json-measures.ts";
import { type LambdaReport, readReport } from "./lambda-report.ts";

const settings = z.strictObject({
  function: z
    .string()
    .refine((value) => parseFunctionName(value) !== null, "must be a function's name or ARN")
    .describe("Function: name, partial or full ARN, with or without a version or alias"),
  qualifier: z.string().min(1).optional().describe("Version or alias; left out: as the function says"),
  payload: z
    .json()
    .default({})
    .describe("What it is invoked with: any JSON; a text that is JSON is sent as it is"),
  region: regionSetting,
});

/** Invokes a function and waits for its answer. */
export const lambdaProbe = defineProbe({
  type: "lambda",
  summary: "Invokes a Lambda function, and measures its error, payload, duration and log.",
  settings,
  measures: {
    errorKind: {
      kind: "text",
      description: "How it ended: none, handled, unhandled, timeout or init",
      values: ["none", "handled", "unhandled", "timeout", "init"],
    },
    errorType: { kind: "text", description: "Type of the error in the payload; empty when there is none" },
    errorMessage: {
      kind: "text",
      description: "Message of the error in the payload; empty when there is none",
    },
    payload: { kind: "text", description: "The answer's payload" },
    "json.*": { kind: "any", description: "A member of the payload's JSON, by its dotted path" },
    statusCode: {
      kind: "number",
      description: "Status of the invocation: 200, also where the function failed",
    },
    durationMs: { kind: "number", description: "How long the function ran, by its log" },
    billedMs: { kind: "number", description: "How long it is billed for, by its log" },
    initMs: {
      kind: "number",
      description: "How long its environment took to start; no data where it was warm",
    },
    responseTimeMs: { kind: "number", description: "From the call to its answer, as this machine sees it" },
    log: { kind: "text", description: "The last 4 KB of the invocation's log" },
  },
  expects: [{ measure: "errorKind", operator: "==", value: "none" }],
  defaults: { timing: { timeoutMs: 30_000, intervalMs: 5_000 } },
  example: {
    settings: { function: "orders", payload: { orderId: 1 } },
    expect: { errorKind: "none", durationMs: { "<=": 2000 } },
  },
  actions: ["lambda:Invoke"],
  permissions: ({ function: name, qualifier, region }, place) => {
    const named = parseFunctionName(name);
    const version = qualifier ?? named?.qualifier ?? null;
    const at = placeOf(
      { ...place, account: named?.account ?? place.account },
      region ?? named?.region ?? undefined,
    );
    const arn = arnOf("lambda", at, `function:${named?.name ?? name}`);
    return [{ action: "lambda:Invoke", resource: version === null ? arn : `${arn}:${version}` }];
  },
  async check(settings, io) {
    const named = parseFunctionName(settings.function);
    const { aws } = await connectionFor("", settings.region ?? named?.region ?? undefined, io);
    const asked = {
      FunctionName: settings.function,
      ...(settings.qualifier === undefined ? {} : { Qualifier: settings.qualifier }),
      Payload: Buffer.from(payloadText(settings.payload)),
      LogType: "Tail",
    } as const;
    const started = performance.now();
    try {
      const answer = await aws.call("lambda:Invoke", asked, io.signal);
      return measured(answer, Math.round(performance.now() - started));
    } catch (error) {
      return unanswered(error, settings.function);
    }
  },
});

function payloadText(payload: unknown): string {
  if (typeof payload !== "string") return JSON.stringify(payload);
  try {
    JSON.parse(payload);
    return payload;
  } catch {
    return JSON.stringify(payload);
  }
}

function measured(answer: OutputOf<"lambda:Invoke">, responseTimeMs: number): ProbeAnswer {
  const payload = Buffer.from(answer.Payload ?? []).toString("utf8");
  const log = Buffer.from(answer.LogResult ?? "", "base64").toString("utf8");
  const report = readReport(log);
  const json = jsonMeasures(payload);
  const [type, message] = [json?.["json.errorType"], json?.["json.errorMessage"]];
  const failed = answer.FunctionError !== undefined && answer.FunctionError !== "";
  const measures: Measures = {
    errorKind: failed ? errorKind(answer.FunctionError ?? "", { type, message, report }) : "none",
    errorType: failed ? String(type ?? "") : "",
    errorMessage: failed ? String(message ?? "") : "",
    payload,
    ...json,
    statusCode: answer.StatusCode ?? null,
    durationMs: report.durationMs,
    billedMs: report.billedMs,
    initMs: report.initMs,
    responseTimeMs,
    log,
  };
  return { measures, missing: missingText(report, json) };
}

function missingText({ durationMs }: LambdaReport, json: Measures | null): string {
  const told = durationMs === null ? "the end of the log has no report, and " : "";
  return `${told}the invocation has none: its payload is ${jsonText(json)}, and only a cold start has an init`;
}

/** Source: Lambda, Invoke, FunctionError; the errors of its runtimes and its sandbox. */
function errorKind(
  functionError: string,
  { type, message, report }: { type: unknown; message: unknown; report: LambdaReport },
): string {
  if (type === "Sandbox.Timedout" || /Task timed out after/.test(String(message))) return "timeout";
  const startFailed =
    /^(Runtime\.(ImportModuleError|UserCodeSyntaxError|HandlerNotFound|MalformedHandlerName|InvalidEntrypoint|InvalidWorkingDir|Unknown)|Extension\.)/;
  if (report.isInitFailed || startFailed.test(String(type))) return "init";
  return functionError.toLowerCase();
}

/** Whatever its caller would see of a function that cannot serve is a failure; the wrong question is an error. */
function unanswered(error: unknown, name: string): ProbeAnswer {
  const isFailure =
    error instanceof AwsError && (isThrottled(error) || (error.status !== null && error.status >= 500));
  if (!isFailure) throw error;
  const what = isThrottled(error) ? "was throttled" : "could not be invoked";
  return { measures: {}, failure: `${name} ${what} (${error.code}: ${error.message})` };
}
