import { ApiError } from "../api-error.ts";
import type { CallContext } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, text } from "../input.ts";
import type { Timing } from "../timing.ts";
import type { StoredFunction } from "./function-store.ts";
import { type FunctionState, type FunctionVersion, sameContent } from "./function-version.ts";
import { functionTime } from "./function-view.ts";

/** What changing a function needs. */
export interface ChangeParts {
  readonly ids: Ids;
  readonly timing: Timing;
}

/** Throws 409 while an update or the creation runs. */
export function refuseWhileInProgress(stored: StoredFunction): void {
  const { pending } = stored.latest;
  if (pending === null) return;
  const words =
    pending.kind === "create"
      ? "The function is currently in the following state: Pending"
      : `An update is in progress for resource: ${stored.arn}`;
  throw new ApiError(
    409,
    "ResourceConflictException",
    `The operation cannot be performed at this time. ${words}`,
  );
}

/** Throws 412 for a RevisionId that is not the present one; an absent one is not compared. */
export function checkRevision(current: string, input: Input, read = "GetFunction/GetAlias"): void {
  const revision = text(input, "RevisionId");
  if (revision === undefined || revision === current) return;
  throw new ApiError(
    412,
    "PreconditionFailedException",
    `The Revision Id provided does not match the latest Revision Id. Call the ${read} API to retrieve the latest Revision Id`,
  );
}

/** A version that is being created. */
export function pendingVersion(
  number: string,
  state: FunctionState,
  effectiveAt: number,
  { revisionId, nextRevisionId }: { readonly revisionId: string; readonly nextRevisionId: string },
): FunctionVersion {
  return {
    version: number,
    shown: state,
    effective: null,
    effectiveRevision: "",
    pending: { kind: "create", state, effectiveAt, nextRevisionId },
    failure: null,
    revisionId,
  };
}

/** In a network, interfaces have to be made; an image is pulled and made fit to be started quickly. */
function updateTime(
  { timing }: ChangeParts,
  before: FunctionState,
  { settings, code }: FunctionState,
): number {
  const isInNetwork = (settings.vpcConfig?.subnetIds.length ?? 0) > 0;
  const isNewImage = code.image !== null && code.image.digest !== before.code.image?.digest;
  return (
    timing.functionUpdate +
    (isInNetwork ? timing.networkUpdate : 0) +
    (isNewImage ? timing.imageOptimisation : 0)
  );
}

/** Starts an update of $LATEST: shown at once, in force when it is done. */
export function beginUpdate(
  parts: ChangeParts,
  { latest }: StoredFunction,
  change: Partial<FunctionState>,
  now: number,
): void {
  const before = latest.shown;
  const state = { ...before, ...change, lastModified: functionTime(now) };
  latest.shown = state;
  latest.failure = null;
  latest.revisionId = parts.ids.uuid();
  latest.pending = {
    kind: "update",
    state,
    effectiveAt: now + updateTime(parts, before, state),
    nextRevisionId: parts.ids.uuid(),
  };
}

/** When a version that is published now can be invoked: with $LATEST, or when its snapshot has been taken. */
function readyAt(parts: ChangeParts, { latest }: StoredFunction, now: number): number {
  if (latest.pending !== null) return latest.pending.effectiveAt;
  return latest.shown.settings.snapStart === "None" ? now : now + parts.timing.functionCreate;
}

/**
 * Publishes $LATEST as it is shown (after a failed update: as it was before it), with this description if there is one;
 * when nothing has changed since the last version, that one is the result. $LATEST gets a new revision id; the version
 * keeps its own for ever, and the LastModified of $LATEST.
 * Source: recorded answers of Lambda; the example of list-versions-by-function of the AWS CLI.
 */
export function publish(
  parts: ChangeParts,
  stored: StoredFunction,
  description: string | undefined,
  { now }: Pick<CallContext, "now">,
): FunctionVersion {
  const { latest } = stored;
  const from = latest.failure === null ? latest.shown : (latest.effective ?? latest.shown);
  const last = stored.published === null ? undefined : stored.versions.get(stored.published.version);
  if (last !== undefined && stored.published !== null && sameContent(stored.published.from, from))
    return last;
  stored.lastNumber += 1;
  const number = String(stored.lastNumber);
  const settings = { ...from.settings, description: description ?? from.settings.description };
  const state = { ...from, settings };
  const effectiveAt = readyAt(parts, stored, now);
  const revisionId = parts.ids.uuid();
  const made = pendingVersion(number, state, effectiveAt, { revisionId, nextRevisionId: revisionId });
  if (effectiveAt <= now && latest.pending === null) {
    made.pending = null;
    made.effective = state;
    made.effectiveRevision = revisionId;
  }
  stored.versions.set(number, made);
  stored.published = { version: number, from };
  latest.revisionId = parts.ids.uuid();
  return made;
}
