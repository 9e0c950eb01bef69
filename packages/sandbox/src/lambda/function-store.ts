import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { functionArn, type Place, parseFunctionReference } from "../arns.ts";
import type { Clock } from "../clock.ts";
import type { FunctionImage } from "../runtime-port.ts";
import { isNamed, type SwitchSettings } from "../switches.ts";
import type { FunctionSettings } from "./function-settings.ts";
import { checkZip } from "./zip-check.ts";

export interface FunctionCode {
  readonly zip: Buffer;
  /** Base64 of the SHA-256 of the zip. */
  readonly sha256: string;
}

/** One state of a function: what it is set to and its code. */
export interface FunctionState {
  readonly settings: FunctionSettings;
  readonly code: FunctionCode;
  readonly architectures: readonly string[];
  /** ISO text with +0000, as on the wire. */
  readonly lastModified: string;
}

export interface PendingUpdate {
  readonly kind: "create" | "update";
  readonly state: FunctionState;
  readonly effectiveAt: number;
  readonly nextRevisionId: string;
}

export interface StoredFunction {
  readonly place: Place;
  readonly name: string;
  readonly arn: string;
  /** What invocations run on. */
  effective: FunctionState;
  /** Changes with each update that has become effective, and only then. */
  effectiveRevision: string;
  /** What reads show: the newest state, also of a failed update. */
  latest: FunctionState;
  pending: PendingUpdate | null;
  created: boolean;
  /** Set when the last update failed. */
  failure: string | null;
  revisionId: string;
  concurrency: number | null;
  tags: Map<string, string>;
  policy: Map<string, Readonly<Record<string, unknown>>>;
}

export interface FunctionStore {
  /** The function as it is now; throws 404 with Lambda's words. */
  get(place: Place, name: string, qualifier: string | null): StoredFunction;
  find(place: Place, name: string): StoredFunction | undefined;
  add(stored: StoredFunction): void;
  remove(stored: StoredFunction): void;
  /** All of a place, by name. */
  of(place: Place): readonly StoredFunction[];
  /** What an invocation has to run on now. Throws 404, or 409 while the function is being created. */
  resolve(region: string, nameOrArn: string, qualifier?: string | null, account?: string): FunctionImage;
  /** Ends what is due by now. */
  settle(): void;
  /** The effective zip of a function (name or ARN). */
  code(nameOrArn: string, region?: string): Buffer;
}

export function codeOf(zip: Buffer): FunctionCode {
  checkZip(zip);
  return { zip, sha256: createHash("sha256").update(zip).digest("base64") };
}

/** Brings a function up to the present: an update whose time has come becomes effective. */
function settle(stored: StoredFunction, now: number, switches: SwitchSettings): void {
  const { pending } = stored;
  if (pending === null || now < pending.effectiveAt || isNamed(switches.stuckFunctions, stored.name)) return;
  stored.pending = null;
  stored.revisionId = pending.nextRevisionId;
  if (pending.kind === "update" && isNamed(switches.failFunctionUpdates, stored.name)) {
    stored.failure = "The update failed, as the switch failFunctionUpdates asked for.";
    return;
  }
  stored.failure = null;
  stored.created = true;
  stored.effective = pending.state;
  stored.effectiveRevision = pending.nextRevisionId;
}

function imageOf(stored: StoredFunction): FunctionImage {
  const { settings, code } = stored.effective;
  return {
    functionName: stored.name,
    functionArn: stored.arn,
    version: "$LATEST",
    region: stored.place.region,
    account: stored.place.account,
    runtime: settings.runtime,
    handler: settings.handler,
    memorySize: settings.memorySize,
    timeoutSeconds: settings.timeout,
    environment: { ...settings.environment },
    layers: settings.layers,
    revision: stored.effectiveRevision,
    codeSha256: code.sha256,
    zip: code.zip,
    reservedConcurrency: stored.concurrency,
  };
}

export interface FunctionStoreParts {
  readonly clock: Clock;
  readonly account: string;
  readonly switches: { get(): SwitchSettings };
}

function notFound(place: Place, name: string, qualifier: string | null): ApiError {
  const tail = qualifier === null ? "" : `:${qualifier}`;
  return new ApiError(
    404,
    "ResourceNotFoundException",
    `Function not found: ${functionArn(place, name)}${tail}`,
  );
}

export function createFunctionStore({ clock, account, switches }: FunctionStoreParts): FunctionStore {
  const all = new Map<string, StoredFunction>();
  const find = (place: Place, name: string): StoredFunction | undefined => {
    const stored = all.get(functionArn(place, name));
    if (stored?.pending) settle(stored, clock.now(), switches.get());
    return stored;
  };
  const get = (place: Place, name: string, qualifier: string | null): StoredFunction => {
    const stored = find(place, name);
    if (stored === undefined || (qualifier !== null && qualifier !== "$LATEST")) {
      throw notFound(place, name, qualifier);
    }
    return stored;
  };
  const resolve: FunctionStore["resolve"] = (region, nameOrArn, qualifier, inAccount) => {
    const place = { region, account: inAccount ?? /:(\d{12}):/.exec(nameOrArn)?.[1] ?? account };
    const reference = parseFunctionReference(nameOrArn, place);
    const stored = get(place, reference.name, qualifier ?? reference.qualifier);
    if (!stored.created) {
      throw new ApiError(
        409,
        "ResourceConflictException",
        `The operation cannot be performed at this time. The function is currently in the following state: Pending`,
      );
    }
    return imageOf(stored);
  };
  return {
    get,
    find,
    add: (stored) => {
      all.set(stored.arn, stored);
    },
    remove: (stored) => {
      all.delete(stored.arn);
    },
    of: (place) =>
      [...all.values()]
        .filter((f) => f.place.region === place.region && f.place.account === place.account)
        .map((f) => get(f.place, f.name, null))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    resolve,
    settle: () => {
      for (const stored of all.values()) settle(stored, clock.now(), switches.get());
    },
    code: (nameOrArn, region) => {
      const inArn = /^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):/.exec(nameOrArn)?.[1];
      return resolve(region ?? inArn ?? "us-east-1", nameOrArn).zip;
    },
  };
}
