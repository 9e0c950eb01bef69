import { isDeepStrictEqual } from "node:util";
import { isNamed, type SwitchSettings } from "../switches.ts";
import type { FunctionCode } from "./function-code.ts";
import type { FunctionSettings } from "./function-settings.ts";

/** One state of a function: what it is set to and its code. */
export interface FunctionState {
  readonly settings: FunctionSettings;
  readonly code: FunctionCode;
  readonly architectures: readonly string[];
  /** ISO text with +0000, as on the wire. */
  readonly lastModified: string;
}

export interface PendingChange {
  readonly kind: "create" | "update";
  readonly state: FunctionState;
  readonly effectiveAt: number;
  readonly nextRevisionId: string;
}

/** What can be invoked of a function: $LATEST, which is updated, or a published version, which stays as it is. */
export interface FunctionVersion {
  /** "$LATEST" or a number. */
  readonly version: string;
  /** What reads show: the newest state, also of a failed update. */
  shown: FunctionState;
  /** What invocations run on; null while it is being created. */
  effective: FunctionState | null;
  /** Changes with each update that has become effective, and only then. */
  effectiveRevision: string;
  pending: PendingChange | null;
  /** Set when the last update failed. */
  failure: string | null;
  revisionId: string;
}

/** Brings a version up to the present: a change whose time has come becomes effective. */
export function settleVersion(
  version: FunctionVersion,
  name: string,
  now: number,
  switches: SwitchSettings,
): void {
  const { pending } = version;
  if (pending === null || now < pending.effectiveAt || isNamed(switches.stuckFunctions, name)) return;
  version.pending = null;
  version.revisionId = pending.nextRevisionId;
  if (pending.kind === "update" && isNamed(switches.failFunctionUpdates, name)) {
    version.failure = "The update failed, as the switch failFunctionUpdates asked for.";
    return;
  }
  version.failure = null;
  version.effective = pending.state;
  version.effectiveRevision = pending.nextRevisionId;
}

/** Whether publishing one state again would give the same version: all but the time of the change counts. */
export function sameContent(one: FunctionState, other: FunctionState): boolean {
  return (
    one.code.sha256 === other.code.sha256 &&
    isDeepStrictEqual(one.architectures, other.architectures) &&
    isDeepStrictEqual(one.settings, other.settings)
  );
}
