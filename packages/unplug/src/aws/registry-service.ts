import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import type { AwsCalls } from "../contract/aws-calls.ts";
import { findInLayer, ImageProblem } from "../image/index.ts";
import { openRegistry, type Registry, RegistryError } from "../registry/index.ts";
import type { ClientConfig, Service } from "./services/service.ts";

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

/** The registry behind ECR's token, whose `proxyEndpoint` says where it is. */
export function openService(config: ClientConfig): Service {
  const client = new ECRClient(config);
  const opened = new Map<string, Promise<Registry>>();
  const registryOf = (id: string): Promise<Registry> => {
    const known = opened.get(id) ?? open(client, id);
    opened.set(id, known);
    known.catch(() => opened.delete(id));
    return known;
  };
  const operations = Object.fromEntries(
    Object.entries(asking).map(([name, ask]) => [
      name,
      async (input: never, { abortSignal }: { abortSignal?: AbortSignal }) => {
        const id = idOf(input);
        try {
          return await ask(await registryOf(id), input, abortSignal);
        } catch (error) {
          if (!isUnauthorized(error)) throw asEcrHasIt(error);
          // A token is good for twelve hours, and a run may be longer: the next one is new.
          opened.delete(id);
        }
        try {
          return await ask(await registryOf(id), input, abortSignal);
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

function isUnauthorized(error: unknown): boolean {
  return error instanceof RegistryError && error.code === "UNAUTHORIZED";
}

/** Many calls wait for one token: no caller's signal ends it. */
const TOKEN_MS = 15_000;

async function open(client: ECRClient, id: string): Promise<Registry> {
  const { authorizationData } = await client
    .send(new GetAuthorizationTokenCommand({ registryIds: [id] }), {
      abortSignal: AbortSignal.timeout(TOKEN_MS),
    })
    .catch((error: unknown) => {
      throw neverAsked(error);
    });
  const { authorizationToken = "", proxyEndpoint = "" } = authorizationData?.[0] ?? {};
  const [, username, password] =
    /^([^:]+):(.*)$/s.exec(Buffer.from(authorizationToken, "base64").toString()) ?? [];
  if (username === undefined || password === undefined || !URL.canParse(proxyEndpoint)) {
    const message = `ECR gave no token for the registry of the account ${id}, or none that names it.`;
    throw Object.assign(new Error(message), { name: "UnreadableAnswer", outcome: "unsent" });
  }
  return openRegistry(proxyEndpoint, { username, password });
}

/** Without a token the registry was not asked; a "no" to the token stays what it is. */
function neverAsked(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const status: unknown = Reflect.get(Object(Reflect.get(error, "$metadata")), "httpStatusCode");
  const said = typeof status === "number" && status >= 400 && status < 500;
  return said ? error : Object.assign(error, { outcome: "unsent" });
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
  const name = isTagTaken(error)
    ? "ImageTagAlreadyExistsException"
    : ((Object.hasOwn(codes, error.code) ? codes[error.code] : undefined) ?? camel(error.code));
  const metadata = status === null ? { code: name } : { $metadata: { httpStatusCode: status } };
  return Object.assign(new Error(message, { cause: error }), { name, outcome, ...metadata });
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
