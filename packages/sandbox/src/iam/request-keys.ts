import type { CallContext } from "../caller.ts";
import { type Input, isRecord } from "../input.ts";
import type { ConditionKeys } from "./conditions.ts";
import type { Need } from "./decide.ts";
import type { IamState } from "./iam-state.ts";

export interface RequestGround {
  readonly context: CallContext;
  readonly input: Input;
  /** Of the need's resource. */
  readonly tags: Readonly<Record<string, string>>;
  readonly state: IamState;
}

/** The tags that a request would set, as a map, in whatever form the service writes them. */
function requestTags(input: Input): Readonly<Record<string, string>> {
  const given: unknown = input["Tags"] ?? input["tags"];
  if (isRecord(given))
    return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
  const list: unknown[] = Array.isArray(given) ? given : [];
  return Object.fromEntries(list.filter(isRecord).map((tag) => [String(tag["Key"]), String(tag["Value"])]));
}

function tagKeys(input: Input): readonly string[] {
  const removed: unknown = input["TagKeys"];
  const keys: unknown[] = Array.isArray(removed) ? removed : [];
  return [...Object.keys(requestTags(input)), ...keys.map(String)];
}

function prefixed(prefix: string, tags: Readonly<Record<string, string>>): [string, readonly string[]][] {
  return Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`.toLowerCase(), [value]]);
}

/** What conditions may ask of one request. Source: IAM reference, "AWS global condition context keys". */
export function requestKeys(need: Need, { context, input, tags, state }: RequestGround): ConditionKeys {
  const { identity, now, region } = context;
  const principal = state.principals.get(identity.principal ?? "");
  const own = Object.entries(need.keys ?? {}).map(([key, value]): [string, readonly string[]] => [
    key.toLowerCase(),
    typeof value === "string" ? [value] : value,
  ]);
  const changed = tagKeys(input);
  return {
    "aws:principalarn": [identity.principal ?? identity.arn],
    "aws:principalaccount": [identity.account],
    "aws:principaltype": [identity.assumed ? "AssumedRole" : "User"],
    "aws:userid": [identity.userId],
    "aws:requestedregion": [region],
    "aws:currenttime": [new Date(now).toISOString()],
    "aws:epochtime": [String(Math.floor(now / 1000))],
    "aws:resourceaccount": [need.resource.split(":")[4] || context.account],
    ...(identity.assumed ? {} : { "aws:username": [identity.arn.slice(identity.arn.lastIndexOf("/") + 1)] }),
    ...(identity.issuedAt === null
      ? {}
      : { "aws:tokenissuetime": [new Date(identity.issuedAt).toISOString()] }),
    ...Object.fromEntries(prefixed("aws:principaltag", Object.fromEntries(principal?.tags ?? []))),
    ...Object.fromEntries(prefixed("aws:resourcetag", tags)),
    ...Object.fromEntries(prefixed("aws:requesttag", requestTags(input))),
    ...(changed.length === 0 ? {} : { "aws:tagkeys": changed }),
    ...Object.fromEntries(own),
  };
}
