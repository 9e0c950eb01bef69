import { ApiError, type Cloud, createCloud, timings, zipOf } from "../../packages/sandbox/src/index.ts";
import { type ActionFacts, actionFacts } from "../../packages/unplug/src/contract/actions.ts";
import {
  type Action,
  type Aws,
  AwsError,
  type InputOf,
  type OutputOf,
} from "../../packages/unplug/src/contract/aws.ts";
import type { Connect } from "../../packages/unplug/src/contract/connection.ts";
import type { Place } from "../../packages/unplug/src/contract/place.ts";
import { builtImage, type ImageParts, putImage } from "./image-builder.ts";
import { isRegistryAction, registryInProcess } from "./registry-in-process.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export const REGION = "us-east-1";
export const ACCOUNT = "123456789012";
export const PLACE: Place = { account: ACCOUNT, region: REGION, endpoint: "virtual" };

const ZIP = await zipOf({ "index.mjs": "export const handler = async () => 'ok';" });

const OF_ZIP = { Runtime: "nodejs22.x", Handler: "index.handler", Code: { ZipFile: ZIP } };

/** Where the image of the world's function is. */
export const IMAGE = {
  repository: "shop/orders",
  tag: "live",
  uri: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/shop/orders:live`,
} as const;

/** A cloud in memory, on a virtual clock, with one function and its mappings. */
export interface World {
  readonly cloud: Cloud;
  readonly clock: VirtualClock;
  readonly aws: Aws;
  /** UUIDs, in the order in which they were made. */
  readonly mappings: readonly string[];
}

export interface WorldOptions {
  readonly mappings?: number;
  readonly timing?: keyof typeof timings;
  /** Makes it a function of this image, `shop/orders:live`, in place of a zip. */
  readonly image?: ImageParts;
  /** Of the function, beside what it needs. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The name of an alias that is at a version of the function as it is. */
  readonly alias?: string;
  /** The name of an empty bucket. */
  readonly bucket?: string;
}

export async function makeWorld(
  clock: VirtualClock,
  { mappings = 0, timing = "fast", settings = {}, alias, bucket, image }: WorldOptions = {},
): Promise<World> {
  const cloud = createCloud({ clock, account: ACCOUNT, timing: timings[timing], random: counter() });
  const call = (action: string, input: Record<string, unknown>) =>
    cloud.call(action, input, { region: REGION });
  if (image !== undefined) {
    await putImage(cloud, { repository: IMAGE.repository, tag: "live", region: REGION }, builtImage(image));
  }
  await call("lambda:CreateFunction", {
    FunctionName: "orders",
    Role: `arn:aws:iam::${ACCOUNT}:role/orders`,
    ...(image === undefined ? OF_ZIP : { PackageType: "Image", Code: { ImageUri: IMAGE.uri } }),
    ...settings,
  });
  clock.jump(60_000);
  if (alias !== undefined) {
    await call("lambda:PublishVersion", { FunctionName: "orders" });
    await call("lambda:CreateAlias", { FunctionName: "orders", Name: alias, FunctionVersion: "1" });
  }
  if (bucket !== undefined) await call("s3:CreateBucket", { Bucket: bucket });
  const uuids: string[] = [];
  for (let i = 0; i < mappings; i += 1) {
    await call("sqs:CreateQueue", { QueueName: `orders-${i}` });
    const made = await call("lambda:CreateEventSourceMapping", {
      FunctionName: "orders",
      EventSourceArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:orders-${i}`,
    });
    uuids.push(textOf(made, "UUID"));
  }
  clock.jump(120_000);
  return { cloud, clock, aws: awsOf(cloud), mappings: uuids };
}

/** The contract's port over the cloud's own table of operations: no HTTP, no SDK, the same answers. */
export function awsOf(
  cloud: Cloud,
  { region = REGION, accessKey }: { readonly region?: string; readonly accessKey?: string } = {},
): Aws {
  const caller = { region, ...(accessKey === undefined ? {} : { accessKey }) };
  const registry = registryInProcess(cloud, caller);
  return {
    async call<A extends Action>(action: A, input: InputOf<A>): Promise<OutputOf<A>> {
      if (action === "code:Download") return downloaded(cloud, action, Object(input).Location) as OutputOf<A>;
      try {
        // What opens a registry to whoever may ask for it.
        if (isRegistryAction(action)) await cloud.call("ecr:GetAuthorizationToken", {}, caller);
        const answer = isRegistryAction(action)
          ? await registry[action](Object(input))
          : await cloud.call(...asAwsHasIt(action, input), caller);
        return withMilliseconds(action, answer) as OutputOf<A>;
      } catch (error) {
        throw error instanceof ApiError ? toAwsError(action, error) : error;
      }
    },
  };
}

/** Metrics have dates, which are seconds on the wire of JSON and milliseconds in the contract. */
function withMilliseconds(action: Action, answer: unknown): unknown {
  if (action !== "cloudwatch:GetMetricData") return answer;
  const results: { Timestamps: readonly number[] }[] = Object(answer).MetricDataResults;
  const inMs = results.map((one) => ({ ...one, Timestamps: one.Timestamps.map((at) => at * 1000) }));
  return { ...Object(answer), MetricDataResults: inMs };
}

/** As the adapter sends it: an action that is a part of one of AWS's goes by that one's name. */
function asAwsHasIt<A extends Action>(action: A, input: InputOf<A>): [string, Record<string, unknown>] {
  const facts: ActionFacts = actionFacts[action];
  if (action === "cloudwatch:GetMetricData") return [action, inSeconds(input)];
  if (facts.partOf === undefined) return [action, { ...input }];
  const { operation, members } = facts.partOf;
  const named = Object.entries(input).map(([name, value]) => [members[name] ?? name, value]);
  return [`${action.split(":")[0]}:${operation}`, Object.fromEntries(named)];
}

function inSeconds(input: object): Record<string, unknown> {
  const { StartTime, EndTime, ...rest } = recordOf(input);
  return { ...rest, StartTime: Number(StartTime) / 1000, EndTime: Number(EndTime) / 1000 };
}

/** What the HTTP front gives for a link. */
function downloaded(cloud: Cloud, action: Action, location: string): OutputOf<"code:Download"> {
  const { pathname, search } = new URL(location);
  const Body = cloud.codeAt(`${pathname}${search}`);
  if (Body !== undefined) return { Body };
  throw new AwsError(action, {
    code: "CodeNotDownloaded",
    status: 403,
    message: "expired",
    outcome: "refused",
  });
}

function toAwsError(action: Action, error: ApiError): AwsError {
  const { code, status, message } = error;
  if (!error.answered) return lostAnswer(action);
  return new AwsError(action, { code, status, message, outcome: status < 500 ? "refused" : "unknown" });
}

export function lostAnswer(action: Action): AwsError {
  return new AwsError(action, {
    code: "ECONNRESET",
    status: null,
    message: "socket hang up",
    outcome: "unknown",
  });
}

export function connectTo(aws: Aws): Connect {
  return () => Promise.resolve({ aws, place: PLACE, identity: `arn:aws:iam::${ACCOUNT}:user/tester` });
}

export function textOf(value: unknown, key: string): string {
  const found = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  if (typeof found !== "string") throw new Error(`no ${key} in ${JSON.stringify(value)}`);
  return found;
}

/** An answer's members; throws when it is no object. */
export function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`no object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}

/** In [0, 1), always the same row. */
function counter(): () => number {
  let state = 42;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
