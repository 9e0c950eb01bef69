import { isOurLayer, readTold, TOLD_VARIABLE } from "../../carriers/our-names.ts";
import { readVersionMarker } from "../../carriers/version-marker.ts";
import { unqualified } from "../../contract/arns.ts";
import type { FunctionConfiguration } from "../../contract/aws-calls.ts";
import type { Connection } from "../../contract/connection.ts";
import type { Finding } from "./diagnosis.ts";
import { findImages } from "./find-images.ts";
import { findMappings } from "./find-mappings.ts";
import type { KnownRuns } from "./known-runs.ts";
import { looked } from "./looked.ts";

export interface Looking {
  readonly connection: Connection;
  readonly known: KnownRuns;
  readonly buckets: ReadonlySet<string>;
  /** Repositories of images that runs pushed to, as far as the journal tells: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`. */
  readonly repositories: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** What of ours is in the account and region. Reads only; what could not be looked at is a finding of its own. */
export async function findLeftovers(looking: Looking): Promise<readonly Finding[]> {
  const functions = allFunctions(looking);
  const found = await Promise.all([
    looked("functions and their versions", async () => ofFunctions(await functions, looking)),
    // Where functions may not be listed, that is told already.
    functions.catch(() => []).then((all) => findImages(all, markedRuns(all), looking)),
    looked("layers", () => findLayers(looking)),
    looked("event source mappings", () => findMappings(looking)),
    ...[...looking.buckets].map((bucket) => looked(`bucket ${bucket}`, () => findObjects(bucket, looking))),
  ]);
  return found.flat();
}

async function allFunctions({ connection, signal }: Looking): Promise<readonly FunctionConfiguration[]> {
  const all: FunctionConfiguration[] = [];
  let Marker: string | undefined;
  do {
    const page: { Functions?: readonly FunctionConfiguration[]; NextMarker?: string } =
      await connection.aws.call(
        "lambda:ListFunctions",
        { FunctionVersion: "ALL", ...(Marker === undefined ? {} : { Marker }) },
        signal,
      );
    all.push(...(page.Functions ?? []));
    Marker = page.NextMarker === "" ? undefined : page.NextMarker;
  } while (Marker !== undefined);
  return all;
}

function ofFunctions(
  all: readonly FunctionConfiguration[],
  { connection, known }: Looking,
): readonly Finding[] {
  const functions = all.filter(({ Version = "$LATEST" }) => Version === "$LATEST").length;
  const unread = all.filter(({ Environment }) => Environment?.Error !== undefined).length;
  const findings = all.flatMap((one) => ofFunction(one, connection.place.region, known));
  if (unread > 0) {
    const text = `of ${unread} functions or versions the variables, where a marker would be, cannot be read`;
    findings.push({ subject: "account", state: "unknown", text, mend: "Permit kms:Decrypt with their keys" });
  }
  if (findings.length > 0) return findings;
  return [
    {
      subject: "account",
      state: "good",
      text: `${functions} functions: none has a marker or a version of Unplug's`,
    },
  ];
}

function ofFunction(one: FunctionConfiguration, region: string, known: KnownRuns): readonly Finding[] {
  const { FunctionArn = "", Version = "$LATEST", Description, Environment, Layers = [] } = one;
  const arn = unqualified(FunctionArn);
  const name = arn.split(":").at(-1) ?? arn;
  const remove = `aws lambda delete-function --function-name ${name} --qualifier ${Version} --region ${region}`;
  const restore = `unplug restore --function ${name} --region ${region}`;
  const version = readVersionMarker(Description);
  if (Version !== "$LATEST" && version !== null) {
    const { alive, text } = known.stateOf(version.run, version.until * 1000);
    const mend = known.restoreOf(version.run) ?? `${restore} --yes`;
    return [of(`version ${Version} of ${name}, ${text}, for alias ${version.alias}`, alive, mend)];
  }
  const told = Environment?.Variables?.[TOLD_VARIABLE];
  if (told !== undefined) {
    const { run: marked, until } = readTold(told);
    const run = marked ?? "unknown";
    const { alive, text } = known.stateOf(run, until);
    if (Version !== "$LATEST")
      return [
        of(`version ${Version} of ${name} was published with the interceptor in it, ${text}`, alive, remove),
      ];
    return [
      of(`function ${name} has the interceptor in it, ${text}`, alive, known.restoreOf(run) ?? restore),
    ];
  }
  if (!Layers.some((layer) => isOurLayer(layer.Arn ?? ""))) return [];
  const text = `${Version === "$LATEST" ? "function" : `version ${Version} of`} ${name} names Unplug's layer, without a marker: it is inert`;
  return [{ subject: "account", state: "note", text }];
}

/** Of functions, which a restore puts back with all that the run made; not of versions, which none can change. */
function markedRuns(all: readonly FunctionConfiguration[]): ReadonlySet<string> {
  return new Set(
    all.flatMap((one) => ((one.Version ?? "$LATEST") === "$LATEST" ? (markedRun(one) ?? []) : [])),
  );
}

/** Null: the function says nothing of a run. */
function markedRun({ Environment }: FunctionConfiguration): string | null {
  return readTold(Environment?.Variables?.[TOLD_VARIABLE] ?? "").run;
}

function of(text: string, alive: boolean, mend: string): Finding {
  return { subject: "account", state: alive ? "note" : "left", text, mend };
}

/** Layers stay: they are inert, shared, and named by their content. */
async function findLayers({ connection, signal }: Looking): Promise<readonly Finding[]> {
  const { aws, place } = connection;
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    const page: { Layers?: readonly { LayerName?: string; LayerArn?: string }[]; NextMarker?: string } =
      await aws.call("lambda:ListLayers", Marker === undefined ? {} : { Marker }, signal);
    const ours = (page.Layers ?? []).filter(({ LayerArn = "" }) => isOurLayer(LayerArn));
    names.push(...ours.flatMap(({ LayerName }) => LayerName ?? []));
    Marker = page.NextMarker === "" ? undefined : page.NextMarker;
  } while (Marker !== undefined);
  const versions = await Promise.all(
    names.map(async (LayerName) => {
      const answer = await aws.call("lambda:ListLayerVersions", { LayerName }, signal);
      return (answer.LayerVersions ?? []).map(({ Version = 0 }) => ({ LayerName, Version }));
    }),
  );
  return versions.flat().map(({ LayerName, Version }) => ({
    subject: "account",
    state: "note",
    text: `layer ${LayerName}, version ${Version}: stays for the next run, inert unless a function names it`,
    mend: `aws lambda delete-layer-version --layer-name ${LayerName} --version-number ${Version} --region ${place.region}`,
  }));
}

const MOST_OBJECTS = 100;

async function findObjects(bucket: string, { connection, signal }: Looking): Promise<readonly Finding[]> {
  const { account } = connection.place;
  const input = { Bucket: bucket, Prefix: `unplug/${account}/`, MaxKeys: MOST_OBJECTS };
  const { Contents = [] } = await connection.aws.call("s3:ListObjectsV2", input, signal);
  return Contents.flatMap(({ Key }) =>
    Key === undefined
      ? []
      : [
          of(
            `object ${Key} in bucket ${bucket}: code on its way into a function`,
            false,
            `aws s3 rm 's3://${bucket}/${Key}'`,
          ),
        ],
  );
}
