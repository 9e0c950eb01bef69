import { ApiError } from "../api-error.ts";
import type { Place } from "../arns.ts";
import { type Input, text } from "../input.ts";

/** Who may sign code, and what becomes of code that they did not sign. Nothing here checks a signature. */
export interface CodeSigningConfig {
  readonly place: Place;
  readonly id: string;
  readonly arn: string;
  description: string;
  publishers: readonly string[];
  /** "Warn" or "Enforce". */
  untrusted: string;
  /** ISO text with +0000. */
  lastModified: string;
  readonly tags: Map<string, string>;
}

export interface CodeSigningStore {
  find(arn: string): CodeSigningConfig | undefined;
  add(config: CodeSigningConfig): void;
  remove(config: CodeSigningConfig): void;
  /** All of a place, in the order in which they were made. */
  of(place: Place): readonly CodeSigningConfig[];
}

/** `all` by ARN. */
export function createCodeSigningStore(all: Map<string, CodeSigningConfig>): CodeSigningStore {
  return {
    find: (arn) => all.get(arn),
    add: (config) => {
      all.set(config.arn, config);
    },
    remove: (config) => {
      all.delete(config.arn);
    },
    of: ({ region, account }) =>
      [...all.values()].filter((one) => one.place.region === region && one.place.account === account),
  };
}

/** The configuration that a function is to have; throws 404 for one that does not exist. Undefined: none was given. */
export function codeSigningArnFrom(store: CodeSigningStore, input: Input): string | undefined {
  const arn = text(input, "CodeSigningConfigArn");
  if (arn === undefined || arn === "") return undefined;
  if (store.find(arn) !== undefined) return arn;
  throw new ApiError(
    404,
    "CodeSigningConfigNotFoundException",
    `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
  );
}
