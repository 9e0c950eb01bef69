import { invalidParameter } from "../api-error.ts";
import { type Input, record, text, texts } from "../input.ts";

/** What a function changes of the settings of its image. */
export interface ImageConfig {
  readonly entryPoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly workingDirectory: string | null;
}

/** The ImageConfig of an input; null when it says nothing. */
export function imageConfigFrom(given: Input): ImageConfig | null {
  const config = {
    entryPoint: texts(given, "EntryPoint") ?? null,
    command: texts(given, "Command") ?? null,
    workingDirectory: text(given, "WorkingDirectory") ?? null,
  };
  return Object.values(config).every((value) => value === null) ? null : config;
}

export function imageConfigView(config: ImageConfig): Record<string, unknown> {
  return {
    ...(config.entryPoint === null ? {} : { EntryPoint: config.entryPoint }),
    ...(config.command === null ? {} : { Command: config.command }),
    ...(config.workingDirectory === null ? {} : { WorkingDirectory: config.workingDirectory }),
  };
}

/** Members that only functions of zips can have. Throws Lambda's 400 for a function of an image that is given one. */
export function refuseZipMembers(input: Input): void {
  const layers = texts(input, "Layers") ?? [];
  if (text(input, "Runtime") === undefined && text(input, "Handler") === undefined && layers.length === 0)
    return;
  throw invalidParameter(
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
  );
}

/** Throws 400 for an ImageConfig of a function that has no image. */
export function refuseImageConfig(input: Input): void {
  if (record(input, "ImageConfig") === undefined) return;
  throw invalidParameter("ImageConfig can only be given for functions of PackageType Image.");
}
