import { ECRClient } from "@aws-sdk/client-ecr";
import type { AwsCalls } from "../contract/aws-calls.ts";
import { findInLayer, ImageProblem } from "../image/index.ts";
import { type Registry, RegistryError } from "../registry/index.ts";
import type { ClientConfig, Service } from "./services/service.ts";
import { TokenRegistry } from "./token-registry.ts";

/** Every operation of the distribution API, and how it is asked. */
type Asking = {
  readonly [A in keyof AwsCalls as A extends `registry:${infer Name}` ? Name : never]: (
    registry: Registry,
    input: AwsCalls[A]["input"],
    signal: AbortSignal | undefined,
  ) => Promise<AwsCalls[A]["output"]>;
};

const asking: Asking = {
  GetManifest: async (registry, { repositoryName, reference }, signal) => {
    const { bytes: manifest, mediaType, digest } = await registry.manifest(repositoryName, reference, signal);
    return { manifest, mediaType, digest };
  },
  GetBlob: async (registry, { repositoryName: repository, digest, size }, signal) => ({
    body: await registry.smallBlob({ repository, digest, size }, signal),
  }),
  FindFiles: async (registry, { repositoryName: repository, digest, paths }, signal) => ({
    entries: await registry.streamBlob(
      { repository, digest },
      (chunks) => findInLayer(chunks, paths),
      signal,
    ),
  }),
  PutBlob: async (registry, { repositoryName: repository, digest, body }, signal) => {
    await registry.putBlob({ repository, digest, size: body.length, open: () => [body] }, signal);
    return {};
  },
  PutManifest: (registry, { repositoryName: repository, reference, manifest: bytes, mediaType }, signal) =>
    registry.putManifest({ repository, reference, bytes, mediaType }, signal),
};

/** The registries behind ECR's tokens. `now` in milliseconds since 1970. */
export function openService(config: ClientConfig, now: () => number): Service {
  const client = new ECRClient(config);
  const known = new Map<string, TokenRegistry>();
  const registryOf = (id: string): TokenRegistry => {
    const found = known.get(id) ?? new TokenRegistry(client, id, now);
    known.set(id, found);
    return found;
  };
  const operations = Object.fromEntries(
    Object.entries(asking).map(([name, ask]) => [
      name,
      async (input: never, { abortSignal }: { abortSignal?: AbortSignal }) => {
        const behind = registryOf(idOf(input));
        const first = await behind.opened();
        try {
          return await ask(first.registry, input, abortSignal);
        } catch (error) {
          if (!mayBeSpent(error)) throw asEcrHasIt(error);
          behind.forget(first);
        }
        try {
          return await ask((await behind.opened()).registry, input, abortSignal);
        } catch (error) {
          throw asEcrHasIt(error);
        }
      },
    ]),
  );
  return { operations };
}

function idOf({ registryId }: { readonly registryId: string }): string {
  return registryId;
}

/** Another token may mend it, and nothing was done: registries with a challenge say 401, ECR 403; an answer to HEAD has no words. */
function mayBeSpent(error: unknown): boolean {
  if (!(error instanceof RegistryError) || error.outcome !== "refused") return false;
  return error.code === "UNAUTHORIZED" || isSpent(error) || (error.status === 403 && error.said === "");
}

/**
 * Source: ECR answers "Your authorization token has expired. Reauthenticate and try again." (flipt-io/flipt#3043); of keys that are no
 * longer good, AWS says "The security token included in the request is expired", or "is invalid".
 */
function isSpent({ status, said }: RegistryError): boolean {
  return status === 403 && /\btoken\b.*\b(?:expired|invalid)\b/i.test(said);
}

/** What a registry calls it, and what ECR's API does. Source: the distribution specification, "Error codes". */
const codes: Readonly<Record<string, string>> = {
  MANIFEST_UNKNOWN: "ImageNotFoundException",
  NAME_UNKNOWN: "RepositoryNotFoundException",
  BLOB_UNKNOWN: "LayersNotFoundException",
  MANIFEST_BLOB_UNKNOWN: "LayersNotFoundException",
  DENIED: "AccessDeniedException",
  TOOMANYREQUESTS: "TooManyRequestsException",
  Late: "TimeoutError",
  Unreadable: "UnreadableAnswer",
  WrongDigest: "UnreadableAnswer",
  WrongSize: "UnreadableAnswer",
  TooLarge: "UnreadableAnswer",
  Redirected: "UnreadableAnswer",
};

function asEcrHasIt(error: unknown): unknown {
  if (error instanceof ImageProblem) {
    return Object.assign(error, { name: "UnreadableLayer", $metadata: { httpStatusCode: 200 } });
  }
  if (!(error instanceof RegistryError)) return error;
  const { status, outcome, message } = error;
  const name = nameOf(error);
  const metadata = status === null ? { code: name } : { $metadata: { httpStatusCode: status } };
  return Object.assign(new Error(message, { cause: error }), { name, outcome, ...metadata });
}

function nameOf(error: RegistryError): string {
  if (isTagTaken(error)) return "ImageTagAlreadyExistsException";
  if (isSpent(error)) return "ExpiredTokenException";
  return (Object.hasOwn(codes, error.code) ? codes[error.code] : undefined) ?? camel(error.code);
}

/** So ECR answers where tags are immutable. */
function isTagTaken({ code, message }: RegistryError): boolean {
  return code === "TAG_INVALID" && /already exists|immutable/i.test(message);
}

/** `SIZE_INVALID` is `SizeInvalidException`; codes of the network stay as they are. */
function camel(code: string): string {
  if (!/^[A-Z]+(_[A-Z]+)+$/.test(code) || /^(E|ERR_)[A-Z]+$/.test(code)) return code;
  const words = code.split("_").map((word) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`);
  return `${words.join("")}Exception`;
}
