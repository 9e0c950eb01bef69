/** What the description of a version of ours says: enough to put an alias back without any journal. */
export interface VersionMarker {
  readonly run: string;
  /** Unix time in seconds, until which the run may be alive. */
  readonly until: number;
  /** The alias that was moved to it. */
  readonly alias: string;
  /** The version that the alias was at. */
  readonly was: string;
}

/** Source: the Description of PublishVersion has at most 256 characters, the name of an alias 128. */
export function describeVersion({ run, until, alias, was }: VersionMarker): string {
  return `unplug run=${run} until=${until} alias=${alias} was=${was}`;
}

/** Null: the version is somebody else's. */
export function readVersionMarker(description: string | undefined): VersionMarker | null {
  const match = /^unplug run=([\w.-]+) until=(\d{1,11}) alias=([\w-]+) was=(\d+)$/.exec(description ?? "");
  const [, run = "", until = "", alias = "", was = ""] = match ?? [];
  return match === null ? null : { run, until: Number(until), alias, was };
}

/** AWS chooses the number of a version; until it has, and without a journal, this names it. */
export function versionId(functionArn: string, { run, until }: Pick<VersionMarker, "run" | "until">): string {
  return `${functionArn}:${run}/${until}`;
}
