import { ApiError } from "../api-error.ts";
import type { Place } from "../arns.ts";
import type { CallContext } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, text } from "../input.ts";
import type { BlobStore } from "./blob-store.ts";
import type { ForeignRegistry } from "./foreign-registry.ts";
import { type Repository, type RepositoryStore, repositoryArn } from "./repository-store.ts";
import type { RegistryTokens } from "./tokens.ts";

/** What the operations of ECR share. */
export interface EcrParts {
  readonly repositories: RepositoryStore;
  readonly blobs: BlobStore;
  readonly tokens: RegistryTokens;
  /** Somebody else's registry that holds the images; null: they are here. */
  readonly foreign: ForeignRegistry | null;
  readonly ids: Ids;
  /** Of the HTTP front. */
  readonly endpoint: () => string;
}

/** Without a policy of the repository nobody of another account may do anything with it; there are none here. */
function refuseOtherAccount(operation: string, registryId: string, name: string, context: CallContext): void {
  if (registryId === context.account) return;
  const resource = repositoryArn({ region: context.region, account: registryId }, name);
  throw new ApiError(
    400,
    "AccessDeniedException",
    `User: ${context.identityArn} is not authorized to perform: ecr:${operation} on resource: ${resource} because no resource-based policy allows the ecr:${operation} action`,
    { type: null },
  );
}

/** The repository that an input names, in another registry only where that has it. Throws RepositoryNotFoundException. */
export async function repositoryOf(
  { repositories, foreign }: Pick<EcrParts, "repositories" | "foreign">,
  operation: string,
  input: Input,
  context: CallContext,
): Promise<Repository> {
  const name = needText(input, "repositoryName");
  refuseOtherAccount(operation, text(input, "registryId") ?? context.account, name, context);
  if (foreign !== null) await refreshed({ repositories, foreign }, context, name);
  return repositories.get(context, name);
}

/** Makes a repository what somebody else's registry has of it; there it need not have been made first. */
export async function refreshed(
  {
    repositories,
    foreign,
  }: { readonly repositories: RepositoryStore; readonly foreign: ForeignRegistry | null },
  place: Place & { readonly now?: number },
  name: string,
  reference: string | null = null,
): Promise<Repository | undefined> {
  if (foreign === null) return repositories.find(place, name);
  const there = await foreign.has(name);
  const known = repositories.find(place, name);
  const repository = known ?? (there ? repositories.add(place, name, true, place.now ?? 0) : undefined);
  if (repository !== undefined) await foreign.refresh(repository, reference);
  return repository;
}
