import { ImageProblem } from "./image-problem.ts";
import {
  appended,
  type Change,
  jsonText,
  membersOf,
  type Span,
  withChanges,
  withoutLast,
} from "./json-spans.ts";
import { listIn, memberOf, textsIn } from "./read-json.ts";

/** What an image says of how it is started, and on what. */
export interface ImageConfig {
  /** As Go names it: `amd64`, `arm64`; empty when it does not say. */
  readonly architecture: string;
  readonly os: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `NAME=VALUE` each. */
  readonly environment: readonly string[];
  readonly workingDirectory: string;
  /** Digests of the layers, unpacked; the lowest one first. */
  readonly diffIds: readonly string[];
  /** What each layer was made by; empty texts where it does not say. */
  readonly createdBy: readonly string[];
}

const WHAT = "The image's config";

/** Throws ImageProblem. */
export function readConfig(bytes: Uint8Array): ImageConfig {
  jsonText(bytes, WHAT);
  const config: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  const inner = memberOf(config, "config") ?? {};
  const rootfs = memberOf(config, "rootfs");
  const history = memberOf(config, "history") ?? [];
  listIn(rootfs, "diff_ids", WHAT);
  return {
    architecture: orEmpty(memberOf(config, "architecture")),
    os: orEmpty(memberOf(config, "os")),
    entrypoint: textsIn(inner, "Entrypoint", WHAT),
    command: textsIn(inner, "Cmd", WHAT),
    environment: textsIn(inner, "Env", WHAT),
    workingDirectory: orEmpty(memberOf(inner, "WorkingDir")),
    diffIds: textsIn(rootfs, "diff_ids", WHAT),
    createdBy: Array.isArray(history) ? history.map((one) => orEmpty(memberOf(one, "created_by"))) : [],
  };
}

function orEmpty(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/**
 * The same config with one layer more, and an entry in its history where it has one; every byte else stays. The entry has no
 * date but the first of all, so that the same image gives the same bytes on any day.
 */
export function configWith(
  bytes: Uint8Array,
  { diffId, createdBy }: { readonly diffId: string; readonly createdBy: string },
): Buffer {
  const entry = asciiJson({ created: "1970-01-01T00:00:00Z", created_by: createdBy });
  return changed(bytes, {
    diffIds: (text, at) => appended(text, at, JSON.stringify(diffId)),
    history: (text, at) => appended(text, at, entry),
  });
}

/** What `configWith` was given: the same config without its last layer. Only a digest tells whether it is. Throws ImageProblem. */
export function configWithout(bytes: Uint8Array): Buffer {
  const last = (text: string, at: Span) => withoutLast(text, at, WHAT);
  return changed(bytes, { diffIds: last, history: last });
}

type Changing = (text: string, at: Span) => Change;

function changed(
  bytes: Uint8Array,
  { diffIds, history }: { readonly diffIds: Changing; readonly history: Changing },
): Buffer {
  readConfig(bytes);
  const text = jsonText(bytes, WHAT);
  const members = membersOf(text, 0);
  const rootfs = members.get("rootfs");
  const diffIdsAt = rootfs === undefined ? undefined : membersOf(text, rootfs.start).get("diff_ids");
  if (diffIdsAt === undefined) throw new ImageProblem(`${WHAT} has no rootfs.diff_ids.`);
  const historyAt = members.get("history");
  const hasHistory = historyAt !== undefined && text.charAt(historyAt.start) === "[";
  return withChanges(text, [diffIds(text, diffIdsAt), ...(hasHistory ? [history(text, historyAt)] : [])]);
}

/** In a text that has one character for each byte. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
