import type { Aws } from "../contract/aws.ts";
import type { Place } from "../contract/place.ts";
import { arnOf, regionOf } from "./aws-settings.ts";

/** What a backlog lies in, as its settings name it. */
export interface SourceSettings {
  readonly queue?: string | undefined;
  readonly stream?: string | undefined;
  readonly mapping?: string | undefined;
}

/** A queue, or a stream with the functions that read it. */
export type Source =
  | { readonly kind: "queue"; readonly name: string; readonly account: string | null }
  | { readonly kind: "kinesis"; readonly name: string }
  | { readonly kind: "table"; readonly arn: string; readonly functions: readonly string[] };

/** The region that the settings name by themselves. */
export function regionIn({ queue, stream }: SourceSettings): string | undefined {
  const named = queue ?? stream ?? "";
  const host = /^https?:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(named);
  return regionOf(named) ?? host?.[1];
}

/** Name and account of a queue that is named by its name, its URL or its ARN. */
function queueNamed(queue: string): { readonly name: string; readonly account: string | null } {
  const arn = /^arn:[\w-]+:sqs:[\w-]+:(\d+):(.+)$/.exec(queue);
  const url = /^https?:\/\/[^/]+\/(\d+)\/([^/]+)$/.exec(queue);
  const [, account = null, name = queue] = arn ?? url ?? [];
  return { name, account };
}

/** Finds what the settings name. Throws AwsError, and what says that there is no such thing. */
export async function findSource(
  { queue, stream = "", mapping }: SourceSettings,
  { aws, signal }: { readonly aws: Aws; readonly signal: AbortSignal },
): Promise<Source> {
  if (queue !== undefined) return { kind: "queue", ...queueNamed(queue) };
  if (mapping === undefined) {
    if (!isTableStream(stream)) return { kind: "kinesis", name: streamNamed(stream) };
    const answer = await aws.call("lambda:ListEventSourceMappings", { EventSourceArn: stream }, signal);
    const functions = (answer.EventSourceMappings ?? []).map(({ FunctionArn = "" }) => nameIn(FunctionArn));
    return { kind: "table", arn: stream, functions: [...new Set(functions)] };
  }
  const found = await aws.call("lambda:GetEventSourceMapping", { UUID: mapping }, signal);
  const { EventSourceArn: arn = "", FunctionArn = "" } = found;
  if (/:sqs:/.test(arn)) return { kind: "queue", ...queueNamed(arn) };
  if (isTableStream(arn)) return { kind: "table", arn, functions: [nameIn(FunctionArn)] };
  if (/:kinesis:/.test(arn)) return { kind: "kinesis", name: streamNamed(arn) };
  throw new Error(
    `The mapping ${mapping} reads ${arn || "a source of its own"}, which has no backlog to measure here.`,
  );
}

function nameIn(functionArn: string): string {
  return functionArn.split(":")[6] ?? "";
}

export function isTableStream(stream: string): boolean {
  return /^arn:[\w-]+:dynamodb:.*:table\/[^/]+\/stream\//.test(stream);
}

function streamNamed(stream: string): string {
  return stream.startsWith("arn:") ? stream.slice(stream.indexOf(":stream/") + ":stream/".length) : stream;
}

/** ARN of the queue, for policies. */
export function queueArn(queue: string, place: Place): string {
  const { name, account } = queueNamed(queue);
  return arnOf("sqs", { ...place, account: account ?? place.account }, name);
}
