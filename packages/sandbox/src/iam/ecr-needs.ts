import type { CallContext } from "../caller.ts";
import type { Input } from "../input.ts";
import type { Need } from "./decide.ts";

/** What a call of ECR needs. Source: Service Authorization Reference, Amazon Elastic Container Registry. */
export function ecrNeeds(operation: string, input: Input, { region, account }: CallContext): readonly Need[] {
  const { registryId, repositoryName, repositoryNames, sourceRepositoryName } = input;
  const registry = typeof registryId === "string" ? registryId : account;
  const of = (name: unknown): string => `arn:aws:ecr:${region}:${registry}:repository/${String(name)}`;
  if (operation === "GetAuthorizationToken") return [{ action: "ecr:GetAuthorizationToken", resource: "*" }];
  if (operation === "MountLayer") {
    return [
      { action: "ecr:InitiateLayerUpload", resource: of(repositoryName) },
      { action: "ecr:GetDownloadUrlForLayer", resource: of(sourceRepositoryName) },
    ];
  }
  const action = `ecr:${operation}`;
  if (typeof repositoryName === "string") return [{ action, resource: of(repositoryName) }];
  const names: unknown[] = Array.isArray(repositoryNames) ? repositoryNames : ["*"];
  return names.map((name) => ({ action, resource: of(name) }));
}
