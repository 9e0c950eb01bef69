import * as z from "zod";
import { readVersionMarker, versionId } from "../carriers/version-marker.ts";
import { unqualified } from "../contract/arns.ts";
import { isDenied, isMissing } from "../contract/aws.ts";
import type { FunctionConfiguration } from "../contract/aws-calls.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import { equalJson, type Json } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Reading, type Seen } from "../contract/resource.ts";

const versionState = z.strictObject({
  /** Names the run: what makes a version ours. */
  description: z.string(),
  /** Of its code, in base64: what is published must be the code that was meant. */
  codeSha256: z.string(),
});

type VersionState = z.infer<typeof versionState>;

/**
 * The version that a run publishes of a function; AWS chooses its number, so the id is the function's ARN and what the
 * description says of run and end. Null: there is none.
 *
 * PublishVersion answers with the version before when nothing has changed since: that one is somebody's, unless it says
 * otherwise. Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export const version = defineResource<VersionState>({
  kind: "version",
  title: "published version",
  state: versionState,
  actions: {
    read: ["lambda:GetFunction", "lambda:ListVersionsByFunction", "lambda:GetVersion"],
    write: ["lambda:PublishVersion", "lambda:DeleteVersion", "lambda:UpdateFunctionConfiguration"],
  },
  guarded: true,
  lookEveryMs: 60_000,
  arn: ({ id }) => unqualified(id),

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  async write(ref, to, seen, io) {
    if (to !== null) return seen.state === null ? publish(ref, to, seen, io) : made(ref, numberOf(seen));
    const FunctionName = unqualified(ref.id);
    if (seen.state !== null) {
      await io.aws.call("lambda:DeleteVersion", { FunctionName, Version: numberOf(seen) }, io.signal);
      return { id: ref.id, revision: null };
    }
    // Nothing to change but the revision: a publication that is on its way still is refused then.
    const guard = seen.revision === null ? {} : { RevisionId: seen.revision };
    const input = { FunctionName, ...guard };
    const answer = await io.aws.call("lambda:UpdateFunctionConfiguration", input, io.signal);
    return { id: ref.id, revision: answer.RevisionId ?? null };
  },

  without: (now, { before, after }) => (equalJson(now, after) ? before : now),

  discover: (functionArn, io) =>
    Promise.resolve([{ kind: "version", id: unqualified(functionArn), within: null, place: io.place }]),

  async recognise(ref, io) {
    try {
      const ours = await ourVersions(ref.id, io);
      return ours.map(
        ({ id, configuration: { Description = "", CodeSha256 = "" } }): Edit => ({
          ref: { ...ref, id },
          before: null,
          after: { description: Description, codeSha256: CodeSha256 },
          mayStay: true,
        }),
      );
    } catch (error) {
      // It is inert once its alias is put back, which is told by others.
      if (isDenied(error)) return [];
      throw error;
    }
  },

  liveUntil({ after }) {
    const until = readVersionMarker(descriptionOf(after))?.until;
    return until === undefined ? null : until * 1000;
  },
});

function descriptionOf(state: Json | null): string | undefined {
  return versionState.safeParse(state).data?.description;
}

interface OurVersion {
  readonly id: string;
  readonly configuration: FunctionConfiguration;
}

/** Every version of the function that says that it is ours. */
async function ourVersions(functionArn: string, io: Io): Promise<readonly OurVersion[]> {
  const found: OurVersion[] = [];
  let page: { readonly Marker?: string } = {};
  for (;;) {
    const { Versions = [], NextMarker } = await io.aws.call(
      "lambda:ListVersionsByFunction",
      { FunctionName: functionArn, ...page },
      io.signal,
    );
    for (const configuration of Versions) {
      const marker = readVersionMarker(configuration.Description);
      // The list begins with what no version is.
      if (configuration.Version !== "$LATEST" && marker !== null)
        found.push({ id: versionId(functionArn, marker), configuration });
    }
    if (NextMarker === undefined || NextMarker === "") return found;
    page = { Marker: NextMarker };
  }
}

async function readOne(ref: Ref, io: Io): Promise<Seen<VersionState>> {
  const FunctionName = unqualified(ref.id);
  try {
    const latest = await io.aws.call("lambda:GetFunction", { FunctionName }, io.signal);
    const revision = latest.Configuration?.RevisionId ?? null;
    const ours = await ourVersions(FunctionName, io);
    const found = ours.find(({ id }) => id === ref.id)?.configuration;
    if (found?.Version === undefined)
      return { ref, found: true, state: null, revision, settled: true, status: "not published" };
    // The list does not tell states.
    const { Configuration: now = {} } = await io.aws.call(
      "lambda:GetVersion",
      { FunctionName, Version: found.Version },
      io.signal,
    );
    const reason = now.StateReason ?? "AWS gives no reason";
    return {
      ref,
      found: true,
      state: { description: found.Description ?? "", codeSha256: found.CodeSha256 ?? "" },
      revision,
      held: found.Version,
      settled: now.State !== "Pending",
      status: `version ${found.Version}`,
      ...(now.State === "Failed" ? { failed: reason } : {}),
    };
  } catch (error) {
    if (isMissing(error)) return { ref, found: false };
    throw error;
  }
}

async function publish(ref: Ref, to: VersionState, { revision }: Reading<VersionState>, io: Io) {
  const input = {
    FunctionName: unqualified(ref.id),
    Description: to.description,
    CodeSha256: to.codeSha256,
    ...(revision === null ? {} : { RevisionId: revision }),
  };
  const answer = await io.aws.call("lambda:PublishVersion", input, io.signal);
  const { Version = "", Description } = answer;
  if (Description !== to.description && Version !== "") {
    throw new Error(
      `AWS answered with version ${Version}, which somebody else had published of the same code and configuration; it is left alone.`,
    );
  }
  return made(ref, Version);
}

function made(ref: Ref, number: string) {
  return { id: `${unqualified(ref.id)}:${number}`, revision: null };
}

/** Where nothing was read there is none: what is said then is for people, and AWS refuses it. */
function numberOf({ held }: Reading<VersionState>): string {
  return typeof held === "string" ? held : "<number of the version that names the run>";
}
