import type { CallContext, Handlers } from "../caller.ts";
import { flag, type Input, isRecord, needText, numeric, text, texts } from "../input.ts";
import { invalid, noLifecyclePolicy, repositoryNotEmpty } from "./ecr-errors.ts";
import { type EcrParts, repositoryOf } from "./ecr-parts.ts";
import { type Repository, repositoryUri } from "./repository-store.ts";

const namePattern = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

function view(repository: Repository): Record<string, unknown> {
  return {
    repositoryArn: repository.arn,
    registryId: repository.place.account,
    repositoryName: repository.name,
    repositoryUri: repositoryUri(repository),
    createdAt: repository.createdMs / 1000,
    imageTagMutability: repository.mutable ? "MUTABLE" : "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: false },
    encryptionConfiguration: { encryptionType: "AES256" },
  };
}

function mutableFrom(input: Input): boolean {
  const given = text(input, "imageTagMutability") ?? "MUTABLE";
  if (given === "MUTABLE" || given === "IMMUTABLE") return given === "MUTABLE";
  throw invalid("imageTagMutability", "Member must satisfy enum value set: [MUTABLE, IMMUTABLE]");
}

function create({ repositories }: EcrParts, input: Input, context: CallContext): unknown {
  const name = needText(input, "repositoryName");
  if (name.length < 2 || name.length > 256 || !namePattern.test(name)) {
    const pattern = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";
    throw invalid("repositoryName", `must satisfy regular expression '${pattern}'`);
  }
  return { repository: view(repositories.add(context, name, mutableFrom(input), context.now)) };
}

async function describe(parts: EcrParts, input: Input, context: CallContext): Promise<unknown> {
  const names = texts(input, "repositoryNames");
  if (names === undefined) {
    const { items, nextToken } = ecrPage(parts.repositories.of(context), input);
    return { repositories: items.map(view), ...nextToken };
  }
  const found: Repository[] = [];
  for (const repositoryName of names) {
    found.push(await repositoryOf(parts, "DescribeRepositories", { ...input, repositoryName }, context));
  }
  return { repositories: found.map(view) };
}

/** A page by `maxResults` (default 100, at most 1000) and `nextToken`. */
export function ecrPage<T>(
  items: readonly T[],
  input: Input,
): { readonly items: readonly T[]; readonly nextToken: { readonly nextToken?: string } } {
  const most = Math.min(numeric(input, "maxResults") ?? 100, 1000);
  const start = Number(text(input, "nextToken") ?? "0");
  if (!Number.isInteger(start) || start < 0) throw invalid("nextToken", "must be one that was given out");
  const end = start + most;
  return {
    items: items.slice(start, end),
    nextToken: end < items.length ? { nextToken: String(end) } : {},
  };
}

/** Repositories, and the token for the registry. */
export function repositoryHandlers(parts: EcrParts): Handlers {
  return {
    CreateRepository: (input, context) => create(parts, input, context),
    DescribeRepositories: (input, context) => describe(parts, input, context),
    DeleteRepository: async (input, context) => {
      const repository = await repositoryOf(parts, "DeleteRepository", input, context);
      if (repository.images.size > 0 && flag(input, "force") !== true) {
        throw repositoryNotEmpty(repository.place, repository.name);
      }
      for (const digest of repository.images.keys()) await parts.foreign?.remove(repository, digest, []);
      parts.repositories.remove(repository);
      return { repository: view(repository) };
    },
    PutImageTagMutability: async (input, context) => {
      const repository = await repositoryOf(parts, "PutImageTagMutability", input, context);
      repository.mutable = mutableFrom(input);
      const { account: registryId } = repository.place;
      const { imageTagMutability } = view(repository);
      return { registryId, repositoryName: repository.name, imageTagMutability };
    },
    PutLifecyclePolicy: async (input, context) => {
      const repository = await repositoryOf(parts, "PutLifecyclePolicy", input, context);
      repository.lifecyclePolicy = policyFrom(needText(input, "lifecyclePolicyText"));
      return lifecyclePolicyOf(repository);
    },
    GetLifecyclePolicy: async (input, context) =>
      lifecyclePolicyOf(await repositoryOf(parts, "GetLifecyclePolicy", input, context)),
    DeleteLifecyclePolicy: async (input, context) => {
      const repository = await repositoryOf(parts, "DeleteLifecyclePolicy", input, context);
      const deleted = lifecyclePolicyOf(repository);
      delete repository.lifecyclePolicy;
      return deleted;
    },
    GetAuthorizationToken: ({ registryIds }, context) => {
      const ids = Array.isArray(registryIds) && registryIds.length > 0 ? registryIds : [context.account];
      return { authorizationData: ids.map((id) => authorization(parts, String(id), context)) };
    },
  };
}

function policyFrom(given: string): string {
  try {
    const policy: unknown = JSON.parse(given);
    if (isRecord(policy) && Array.isArray(policy["rules"]) && policy["rules"].length > 0) return given;
  } catch {}
  throw invalid("LifecyclePolicyText", "failed to satisfy constraint: 'Lifecycle policy validation failure'");
}

function lifecyclePolicyOf({ place, name, lifecyclePolicy }: Repository): object {
  if (lifecyclePolicy === undefined) throw noLifecyclePolicy(place, name);
  return { registryId: place.account, repositoryName: name, lifecyclePolicyText: lifecyclePolicy };
}

function authorization({ tokens, ids, foreign, endpoint }: EcrParts, account: string, context: CallContext) {
  const password = ids.letters(64);
  const { expiresAt } = tokens.issue(account, context, password);
  const user = foreign?.login ?? `AWS:${password}`;
  return {
    authorizationToken: Buffer.from(user).toString("base64"),
    expiresAt: expiresAt / 1000,
    proxyEndpoint: foreign?.url ?? endpoint(),
  };
}
