import * as z from "zod";
import {
  type EnvironmentState,
  environmentOfOthers,
  environmentState,
  environmentWithout,
  variablesOf,
} from "../carriers/environment.ts";
import { commonSettings, progressOf } from "../carriers/function-settings.ts";
import { isOurItem, isOurLayer, readTold, TOLD_VARIABLE } from "../carriers/our-names.ts";
import { unqualified } from "../contract/arns.ts";
import { AwsError, isDenied, isMissing, isPassing } from "../contract/aws.ts";
import type { FunctionConfiguration, FunctionSettings } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { equalJson, type Json } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Reading, type Seen } from "../contract/resource.ts";

/** The settings of a function, without anybody's secrets. Null: a container image has none of it. */
const configurationState = z.strictObject({
  memoryMib: z.number(),
  timeoutSeconds: z.number(),
  handler: z.string().nullable(),
  role: z.string(),
  runtime: z.string().nullable(),
  description: z.string(),
  storageMib: z.number().nullable(),
  layers: z.array(z.string()).readonly(),
  environment: environmentState,
});

export type ConfigurationState = z.infer<typeof configurationState>;

const heldVariables = z.record(z.string(), z.string());

/**
 * A function's configuration; the id is its unqualified ARN.
 *
 * RevisionId changes with the update and again when it has become effective, so it only guards the next write.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
export const configuration = defineResource<ConfigurationState>({
  kind: "configuration",
  title: "function configuration",
  state: configurationState,
  actions: { read: ["lambda:GetFunction"], write: ["lambda:UpdateFunctionConfiguration"] },
  guarded: true,
  lookEveryMs: 2_000,
  arn: ({ id }) => id,

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  async write(ref, to, seen, io) {
    if (to === null) throw new Error("A function is not deleted here.");
    const guard = seen.revision === null ? {} : { RevisionId: seen.revision };
    const variables = newVariables(to.environment, seen, io.salt);
    const input = { FunctionName: ref.id, ...guard, ...changes(seen.state, to), ...variables };
    const update = async (all: typeof input) => {
      const answer = await io.aws.call("lambda:UpdateFunctionConfiguration", all, io.signal);
      return { id: ref.id, revision: answer.RevisionId ?? null };
    };
    const values = Object.values(variables.Environment?.Variables ?? {});
    try {
      return await update(input);
    } catch (error) {
      if (!isOfLayers(error, input)) throw withoutValues(error, values);
    }
    // What disarms must not depend on whether somebody's layer is still there: the next look deals with the layers.
    const { Layers: _, ...rest } = input;
    return await update(rest).catch((error: unknown) => {
      throw withoutValues(error, values);
    });
  },

  without(now, { before, after }) {
    if (now === null || before === null || after === null) return now;
    return {
      memoryMib: pick(now.memoryMib, before.memoryMib, after.memoryMib),
      timeoutSeconds: pick(now.timeoutSeconds, before.timeoutSeconds, after.timeoutSeconds),
      handler: pick(now.handler, before.handler, after.handler),
      role: pick(now.role, before.role, after.role),
      runtime: pick(now.runtime, before.runtime, after.runtime),
      description: pick(now.description, before.description, after.description),
      storageMib: pick(now.storageMib, before.storageMib, after.storageMib),
      layers: pickLayers(now.layers, before.layers, after.layers),
      environment: environmentWithout(now.environment, before.environment, after.environment),
    };
  },

  discover: (functionArn, io) =>
    Promise.resolve([{ kind: "configuration", id: unqualified(functionArn), within: null, place: io.place }]),

  async recognise(ref, io) {
    const seen = await readOne(ref, io);
    if (!seen.found || seen.state === null) return [];
    const after = seen.state;
    const { environment } = after;
    if (environment === null)
      throw new Error("the function's variables, where the marker is, cannot be read (kms:Decrypt)");
    // Without the marker a layer of ours may be there on somebody's own wish.
    if (equalJson(environmentOfOthers(environment, isOurItem), environment)) return [];
    const before = {
      ...after,
      layers: after.layers.filter((arn) => !isOurLayer(arn)),
      environment: environmentOfOthers(environment, isOurItem),
    };
    return equalJson(before, after) ? [] : [{ ref, before, after, arms: true }];
  },

  async copies({ ref, after }, io) {
    const told = toldBy(after);
    if (told === null) return [];
    const versions = await versionsTold(ref, told, io);
    return versions.map((id) => ({
      ref: { ...ref, kind: "published-copy", id },
      before: null,
      after: { told },
    }));
  },

  liveUntil: ({ after }) => readTold(toldBy(after) ?? "").until,
});

/** The marker, where a state carries one. */
function toldBy(state: Json | null): string | null {
  return configurationState.safeParse(state).data?.environment?.own[TOLD_VARIABLE] ?? null;
}

/** The ARNs of the function's versions that were told the very same as `$LATEST`; those that the run published itself name it. */
async function versionsTold(ref: Ref, told: string, io: Io): Promise<readonly string[]> {
  const found: string[] = [];
  const { run } = readTold(told);
  const isOurs = (description = ""): boolean => run !== null && description.includes(run);
  let page: { readonly Marker?: string } = {};
  try {
    for (;;) {
      const input = { FunctionName: ref.id, ...page };
      const { Versions = [], NextMarker } = await io.aws.call(
        "lambda:ListVersionsByFunction",
        input,
        io.signal,
      );
      for (const { Version = "$LATEST", Description, Environment } of Versions) {
        if (Version === "$LATEST" || isOurs(Description)) continue;
        if (Environment?.Variables?.[TOLD_VARIABLE] === told) found.push(`${ref.id}:${Version}`);
      }
      if (NextMarker === undefined || NextMarker === "") return found;
      page = { Marker: NextMarker };
    }
  } catch (error) {
    if (isDenied(error) || isMissing(error)) return [];
    throw error;
  }
}

/** Back to `before` only where `after` is still there and was ours to begin with. */
function pick<T>(now: T, before: T, after: T): T {
  return now === after && after !== before ? before : now;
}

/** Layer by layer: ours go, those that we took come back, foreign ones stay. Order counts, where it can be known. */
function pickLayers(
  now: readonly string[],
  before: readonly string[],
  after: readonly string[],
): readonly string[] {
  if (sameList(now, after)) return before;
  const ours = after.filter((layer) => !before.includes(layer));
  const taken = before.filter((layer) => !after.includes(layer) && !now.includes(layer));
  return [...now.filter((layer) => !ours.includes(layer)), ...taken];
}

async function readOne(ref: Ref, io: Io): Promise<Seen<ConfigurationState>> {
  try {
    const { Configuration: found = {} } = await io.aws.call(
      "lambda:GetFunction",
      { FunctionName: ref.id },
      io.signal,
    );
    return {
      ref,
      found: true,
      state: stateOf(found, io.salt),
      held: found.Environment?.Variables ?? {},
      ...progressOf(found),
    };
  } catch (error) {
    if (isMissing(error)) return { ref, found: false };
    throw error;
  }
}

function stateOf(found: FunctionConfiguration, salt: string): ConfigurationState {
  return { ...commonSettings(found, salt), description: found.Description ?? "" };
}

/** Members that are left out stay as they are, so only what differs is sent. */
function changes(now: ConfigurationState | null, to: ConfigurationState): Partial<FunctionSettings> {
  return {
    ...(now?.memoryMib === to.memoryMib ? {} : { MemorySize: to.memoryMib }),
    ...(now?.timeoutSeconds === to.timeoutSeconds ? {} : { Timeout: to.timeoutSeconds }),
    ...(now?.handler === to.handler || to.handler === null ? {} : { Handler: to.handler }),
    ...(now?.role === to.role ? {} : { Role: to.role }),
    ...(now?.runtime === to.runtime || to.runtime === null ? {} : { Runtime: to.runtime }),
    ...(now?.description === to.description ? {} : { Description: to.description }),
    ...(now?.storageMib === to.storageMib || to.storageMib === null
      ? {}
      : { EphemeralStorage: { Size: to.storageMib } }),
    ...(sameList(now?.layers ?? [], to.layers) ? {} : { Layers: to.layers }),
  };
}

/** All variables or none of them is what AWS takes, so the values of others go with ours, and nowhere else. */
function newVariables(
  to: EnvironmentState,
  { state, held }: Reading<ConfigurationState>,
  salt: string,
): Partial<FunctionSettings> {
  if (to === null || equalJson(state?.environment ?? null, to)) return {};
  const values = heldVariables.safeParse(held).data ?? null;
  return { Environment: { Variables: variablesOf(to, values, salt) } };
}

/** A certain "no" to an update that also takes our variables out, and that may be about its layers. */
function isOfLayers(error: unknown, { Layers, Environment }: Partial<FunctionSettings>): boolean {
  if (Layers === undefined || Environment === undefined || TOLD_VARIABLE in Environment.Variables)
    return false;
  return error instanceof AwsError && error.outcome === "refused" && !isPassing(error) && !isMissing(error);
}

/** AWS repeats variables in its errors ("String measured: {…}", "Value … failed to satisfy constraint"); no journal may hold them. */
function withoutValues(error: unknown, values: readonly string[]): unknown {
  if (!(error instanceof AwsError) || values.length === 0) return error;
  const { action, code, status, outcome } = error;
  const message = values
    .filter((value) => value.trim() !== "")
    .sort((a, b) => b.length - a.length)
    .reduce(
      (text, value) => text.replaceAll(value, "…"),
      error.message.replace(/(?<!\s)\s*String measured:[^]*$/, ""),
    );
  return new AwsError(action, { code, status, outcome, message });
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
