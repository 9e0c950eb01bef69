import { ApiError } from "../api-error.ts";
import { functionArn, type Place, parseFunctionReference } from "../arns.ts";
import type { Clock } from "../clock.ts";
import type { ContainerImage, FunctionImage } from "../runtime-port.ts";
import type { SwitchSettings } from "../switches.ts";
import { type Alias, routedVersion } from "./alias-routing.ts";
import { refuseUndecryptable } from "./environment-secrecy.ts";
import type { EventInvokeConfig } from "./event-invoke-configs.ts";
import type { FunctionCode } from "./function-code.ts";
import type { FunctionSettings } from "./function-settings.ts";
import type { FunctionUrl } from "./function-urls.ts";
import { type FunctionState, type FunctionVersion, settleVersion } from "./function-version.ts";
import type { ResourcePolicy } from "./policy.ts";
import type { ProvisionedConcurrency } from "./provisioned-concurrency.ts";
import type { RuntimeManagement } from "./runtime-management.ts";

/** A function: $LATEST, published versions, aliases, and what is attached to them. */
export interface StoredFunction {
  readonly place: Place;
  readonly name: string;
  /** Without a qualifier. */
  readonly arn: string;
  readonly latest: FunctionVersion;
  /** The published ones by number, oldest first. */
  readonly versions: Map<string, FunctionVersion>;
  /** The number given out last; 0: none yet. */
  lastNumber: number;
  /** The version published last and what $LATEST was then; null: nothing was published. */
  published: { readonly version: string; readonly from: FunctionState } | null;
  readonly aliases: Map<string, Alias>;
  /** Reserved concurrency; null: none. */
  concurrency: number | null;
  tags: Map<string, string>;
  codeSigningConfigArn: string | null;
  recursiveLoop: string;
  /** By qualifier; "" stands for none. */
  readonly policies: Map<string, ResourcePolicy>;
  /** By qualifier, a number or an alias. */
  readonly provisioned: Map<string, ProvisionedConcurrency>;
  /** By qualifier. */
  readonly eventInvokeConfigs: Map<string, EventInvokeConfig>;
  /** By alias; "" stands for none. */
  readonly urls: Map<string, FunctionUrl>;
  /** By version. */
  readonly runtimeManagement: Map<string, RuntimeManagement>;
}

export interface FunctionStore {
  /** The function as it is now; throws 404 with Lambda's words, also for a qualifier that it does not have. */
  get(place: Place, name: string, qualifier: string | null): StoredFunction;
  find(place: Place, name: string): StoredFunction | undefined;
  add(stored: StoredFunction): void;
  remove(stored: StoredFunction): void;
  /** All of a place, by name. */
  of(place: Place): readonly StoredFunction[];
  /**
   * What an invocation has to run on now; an alias with weights draws a version. Throws 404, or 409 while the version is
   * being created.
   */
  resolve(region: string, nameOrArn: string, qualifier?: string | null, account?: string): FunctionImage;
  /** Ends what is due by now. */
  settle(): void;
  /** The effective zip of a function (name or ARN). */
  code(nameOrArn: string, region?: string): Buffer;
}

/** What a qualifier stands for: null and $LATEST, a number, or an alias (its main version); undefined: nothing. */
export function versionNamed(stored: StoredFunction, qualifier: string | null): FunctionVersion | undefined {
  if (qualifier === null || qualifier === "$LATEST") return stored.latest;
  const alias = stored.aliases.get(qualifier);
  if (alias?.functionVersion === "$LATEST") return stored.latest;
  return stored.versions.get(alias?.functionVersion ?? qualifier);
}

/** What of a function's reserved concurrency is left for one qualifier when the others have theirs provisioned. */
function reservedFor(stored: StoredFunction, qualifier: string | null): number | null {
  if (stored.concurrency === null) return null;
  let others = 0;
  for (const [key, { requested }] of stored.provisioned) if (key !== qualifier) others += requested;
  return Math.max(0, stored.concurrency - others);
}

/** Whether environments of a version are kept ready, for itself or for an alias that it is the main version of. */
function isProvisioned(stored: StoredFunction, version: string, now: number): boolean {
  for (const [key, { readyAt }] of stored.provisioned) {
    if ((stored.aliases.get(key)?.functionVersion ?? key) === version && now >= readyAt) return true;
  }
  return false;
}

/** What a function says of its image goes before what the image says, each by itself. */
function containerOf({ image }: FunctionCode, { imageConfig }: FunctionSettings): ContainerImage | null {
  if (image === null) return null;
  const { entryPoint, command, workingDirectory } = image.config;
  return {
    digest: image.digest,
    repository: image.repository,
    layers: image.layers,
    environment: image.config.environment,
    entryPoint: imageConfig?.entryPoint ?? entryPoint,
    command: imageConfig?.command ?? command,
    workingDirectory: imageConfig?.workingDirectory ?? workingDirectory,
  };
}

function imageOf(
  stored: StoredFunction,
  qualifier: string | null,
  random: () => number,
  now: number,
): FunctionImage {
  const alias = qualifier === null ? undefined : stored.aliases.get(qualifier);
  const version = versionNamed(stored, alias === undefined ? qualifier : routedVersion(alias, random));
  if (version === undefined) throw notFound(stored.place, stored.name, qualifier);
  if (version.effective === null) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      `The operation cannot be performed at this time. The function is currently in the following state: Pending`,
    );
  }
  const { settings, code } = version.effective;
  // Every environment of such a version counts as provisioned, also those beyond the number that was asked for.
  const provisioned = isProvisioned(stored, version.version, now);
  const initialization: Pick<FunctionImage, "initialization"> = provisioned
    ? { initialization: "provisioned-concurrency" }
    : {};
  return {
    functionName: stored.name,
    functionArn: qualifier === null ? stored.arn : `${stored.arn}:${qualifier}`,
    version: version.version,
    region: stored.place.region,
    account: stored.place.account,
    runtime: settings.runtime,
    handler: settings.handler,
    memorySize: settings.memorySize,
    timeoutSeconds: settings.timeout,
    environment: { ...settings.environment },
    container: containerOf(code, settings),
    layers: settings.layers,
    ephemeralStorageMb: settings.ephemeralStorage,
    revision: provisioned ? `${version.effectiveRevision} provisioned` : version.effectiveRevision,
    ...initialization,
    codeSha256: code.sha256,
    logGroup: settings.loggingConfig.group,
    zip: code.zip,
    reservedConcurrency: reservedFor(stored, qualifier),
  };
}

export interface FunctionStoreParts {
  readonly clock: Clock;
  readonly account: string;
  readonly switches: { get(): SwitchSettings };
  /** In [0, 1): decides between the versions of an alias with weights. */
  readonly random: () => number;
  /** By ARN. */
  readonly all: Map<string, StoredFunction>;
}

/** 404 with the words that most operations have for it. */
export function notFound(place: Place, name: string, qualifier: string | null): ApiError {
  const tail = qualifier === null ? "" : `:${qualifier}`;
  return new ApiError(
    404,
    "ResourceNotFoundException",
    `Function not found: ${functionArn(place, name)}${tail}`,
  );
}

export function createFunctionStore(parts: FunctionStoreParts): FunctionStore {
  const { clock, account, switches, random, all } = parts;
  const settle = (stored: StoredFunction): StoredFunction => {
    for (const version of [stored.latest, ...stored.versions.values()]) {
      if (version.pending !== null) settleVersion(version, stored.name, clock.now(), switches.get());
    }
    return stored;
  };
  const find = (place: Place, name: string): StoredFunction | undefined => {
    const stored = all.get(functionArn(place, name));
    return stored && settle(stored);
  };
  const get = (place: Place, name: string, qualifier: string | null): StoredFunction => {
    const stored = find(place, name);
    if (stored === undefined || versionNamed(stored, qualifier) === undefined) {
      throw notFound(place, name, qualifier);
    }
    return stored;
  };
  const resolve: FunctionStore["resolve"] = (region, nameOrArn, given, inAccount) => {
    const place = { region, account: inAccount ?? /:(\d{12}):/.exec(nameOrArn)?.[1] ?? account };
    const reference = parseFunctionReference(nameOrArn, place);
    const qualifier = given ?? reference.qualifier;
    // Lambda names the version in what it says of invocations, also when nobody did.
    if (find(place, reference.name) === undefined)
      throw notFound(place, reference.name, qualifier ?? "$LATEST");
    const image = imageOf(get(place, reference.name, qualifier), qualifier, random, clock.now());
    refuseUndecryptable(parts, image);
    return image;
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
        .map(settle)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    resolve,
    settle: () => {
      for (const stored of all.values()) settle(stored);
    },
    code: (nameOrArn, region) => {
      const inArn = /^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):/.exec(nameOrArn)?.[1];
      return resolve(region ?? inArn ?? "us-east-1", nameOrArn).zip;
    },
  };
}
