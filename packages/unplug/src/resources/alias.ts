import * as z from "zod";
import { TOLD_VARIABLE } from "../carriers/our-names.ts";
import { readVersionMarker, type VersionMarker } from "../carriers/version-marker.ts";
import { unqualified } from "../contract/arns.ts";
import { isDenied, isMissing } from "../contract/aws.ts";
import type { AliasConfiguration } from "../contract/aws-calls.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

const aliasState = z.strictObject({
  version: z.string(),
  /** Of invocations in [0, 1], by the number of another version. */
  weights: z.record(z.string(), z.number()),
});

type AliasState = z.infer<typeof aliasState>;

/**
 * An alias of a function; the id is its ARN. That a version is ours is told by the version's description.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
 */
export const alias = defineResource<AliasState>({
  kind: "alias",
  title: "alias",
  state: aliasState,
  actions: { read: ["lambda:GetAlias"], write: ["lambda:UpdateAlias"] },
  guarded: true,
  lookEveryMs: 5_000,
  arn: ({ id }) => unqualified(id),

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  async write(ref, to, { revision }, io) {
    if (to === null) throw new Error("An alias is not deleted here.");
    const input = {
      ...namesOf(ref),
      FunctionVersion: to.version,
      // Left out it stays as it is, and an empty one takes it away.
      RoutingConfig: { AdditionalVersionWeights: to.weights },
      ...(revision === null ? {} : { RevisionId: revision }),
    };
    const answer = await io.aws.call("lambda:UpdateAlias", input, io.signal);
    return { id: ref.id, revision: answer.RevisionId ?? null };
  },

  without(now, { before, after }) {
    if (now === null || before === null || after === null) return now;
    const theirs = new Set([before.version, ...Object.keys(before.weights)]);
    const ours = new Set([after.version, ...Object.keys(after.weights)].filter((one) => !theirs.has(one)));
    const isOurs = ours.has(now.version) || now.version === after.version;
    return {
      version: isOurs ? before.version : now.version,
      weights: weightsWithout(now.weights, { before: before.weights, after: after.weights, ours }),
    };
  },

  discover: (functionArn, io) =>
    Promise.resolve([{ kind: "alias", id: unqualified(functionArn), within: null, place: io.place }]),

  async recognise(ref, io) {
    const found: Edit[] = [];
    for (const one of await aliasesOf(ref.id, io)) {
      const after = stateOf(one);
      const numbers = [after.version, ...Object.keys(after.weights)].filter((number) => number !== "$LATEST");
      const marked = await Promise.all(numbers.map((number) => markerOf(ref.id, number, io)));
      const markers = new Map(numbers.map((number, i) => [number, marked[i] ?? null]));
      const before = {
        version: markers.get(after.version)?.was ?? after.version,
        weights: Object.fromEntries(
          Object.entries(after.weights).filter(([number]) => markers.get(number) === null),
        ),
      };
      const own = { ...ref, id: `${ref.id}:${one.Name}` };
      if (marked.some((marker) => marker !== null)) found.push({ ref: own, before, after, arms: true });
    }
    return found;
  },
});

/** Version by version: ours goes, those that we took come back, foreign ones stay. */
function weightsWithout(
  now: AliasState["weights"],
  {
    before,
    after,
    ours,
  }: { before: AliasState["weights"]; after: AliasState["weights"]; ours: ReadonlySet<string> },
): AliasState["weights"] {
  const numbers = new Set([...Object.keys(now), ...Object.keys(before)]);
  return Object.fromEntries(
    [...numbers].flatMap((number) => {
      const [was, is, here] = [before[number], after[number], now[number]];
      const left = was !== is && here === is ? was : ours.has(number) ? undefined : here;
      return left === undefined ? [] : [[number, left]];
    }),
  );
}

function namesOf(ref: Ref): { readonly FunctionName: string; readonly Name: string } {
  return { FunctionName: unqualified(ref.id), Name: ref.id.split(":")[7] ?? "" };
}

function stateOf({ FunctionVersion = "", RoutingConfig }: AliasConfiguration): AliasState {
  return { version: FunctionVersion, weights: { ...RoutingConfig?.AdditionalVersionWeights } };
}

async function readOne(ref: Ref, io: Io): Promise<Seen<AliasState>> {
  try {
    const answer = await io.aws.call("lambda:GetAlias", namesOf(ref), io.signal);
    const state = stateOf(answer);
    const revision = answer.RevisionId ?? null;
    return { ref, found: true, state, revision, settled: true, status: `at version ${state.version}` };
  } catch (error) {
    if (isMissing(error)) return { ref, found: false };
    throw error;
  }
}

/** Where they may not be listed, nothing is missed but after a run that moved one: `$LATEST` tells of that. */
async function aliasesOf(functionArn: string, io: Io): Promise<readonly AliasConfiguration[]> {
  const found: AliasConfiguration[] = [];
  let page: { readonly Marker?: string } = {};
  try {
    for (;;) {
      const input = { FunctionName: functionArn, ...page };
      const { Aliases = [], NextMarker } = await io.aws.call("lambda:ListAliases", input, io.signal);
      found.push(...Aliases);
      if (NextMarker === undefined || NextMarker === "") return found;
      page = { Marker: NextMarker };
    }
  } catch (error) {
    if (!isDenied(error)) throw error;
    const latest = await io.aws.call("lambda:GetFunction", { FunctionName: functionArn }, io.signal);
    const told = latest.Configuration?.Environment?.Variables?.[TOLD_VARIABLE] ?? "";
    if (/(?:^|[;\n])unless=/.test(told)) throw error;
    return [];
  }
}

async function markerOf(FunctionName: string, Version: string, io: Io): Promise<VersionMarker | null> {
  const answer = await io.aws.call("lambda:GetVersion", { FunctionName, Version }, io.signal);
  return readVersionMarker(answer.Configuration?.Description);
}
