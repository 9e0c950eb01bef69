import { partitionOf, unqualified } from "../contract/arns.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Place } from "../contract/place.ts";
import type { RepositoryName } from "../contract/registry-calls.ts";

/** An image in ECR as a function names it. */
export interface ImageAddress extends RepositoryName {
  readonly region: string;
  /** All before a tag or digest. */
  readonly repositoryUri: string;
  /** Null: none is given. */
  readonly tag: string | null;
  /** `sha256:` and 64 hexadecimal digits; null: none is given. */
  readonly digest: string | null;
}

const ADDRESS =
  /^((\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z0-9.]+\/([a-z0-9._/-]{1,256}))(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** Null when the text names no image in ECR. Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
export function readImageUri(uri: string): ImageAddress | null {
  const match = ADDRESS.exec(uri);
  if (match === null) return null;
  const [, repositoryUri = "", registryId = "", region = "", repositoryName = "", tag, digest] = match;
  return { repositoryUri, registryId, region, repositoryName, tag: tag ?? null, digest: digest ?? null };
}

/**
 * The image of a function where a run may have put it there: out of a repository of the function's own place, and by a digest, or
 * by a tag of ours where somebody named it so. Null for any other, of which no registry has to be asked.
 */
export function possiblyOurs(
  { Code = {} }: FunctionAnswer,
  place: Place,
): (ImageAddress & { readonly digest: string }) | null {
  const [given, is] = [readImageUri(Code.ImageUri ?? ""), readImageUri(Code.ResolvedImageUri ?? "")];
  if (given === null || is === null || is.digest === null) return null;
  if (is.registryId !== place.account || is.region !== place.region) return null;
  const byOurs = given.tag === null || runOfTag(given.tag) !== null;
  return byOurs ? { ...is, digest: is.digest } : null;
}

/** A name, and the digest that it means. */
export function imageReference(uri: string, digest: string): string {
  return `${uri.replace(/@.*$/, "")}@${digest}`;
}

/** The line of the AWS CLI that takes a tag away, and its image with the last one. */
export function deleteTagLine(
  { repositoryName, region }: Pick<ImageAddress, "repositoryName" | "region">,
  tag: string,
): string {
  return `aws ecr batch-delete-image --repository-name ${repositoryName} --image-ids imageTag=${tag} --region ${region}`;
}

/** As much of a digest as people tell images apart by. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

export function repositoryArn({ registryId, region, repositoryName }: ImageAddress): string {
  return `arn:${partitionOf(region)}:ecr:${region}:${registryId}:repository/${repositoryName}`;
}

const TAG = "unplug-";

/** A tag of its own for each run, since tags may be immutable, and each function, since several may have one repository. */
export function imageTag(run: string, functionArn: string): string {
  return `${TAG}${run}.${nameOf(functionArn)}`;
}

/** The run whose tag it is; null for a tag that is none of ours. */
export function runOfTag(tag: string): string | null {
  return /^unplug-([\w.-]+)\.[\w-]+$/.exec(tag)?.[1] ?? null;
}

/** Whether a run has given the tag to what it made for the function. */
export function isTagFor(functionArn: string, tag: string): boolean {
  return runOfTag(tag) !== null && tag.endsWith(`.${nameOf(functionArn)}`);
}

function nameOf(functionArn: string): string {
  return functionArn.split(":")[6] ?? "";
}

/** Behind the id of a function's image whose name meant something else when the run was planned. */
const UNNAMED = "?unnamed";

/** The function's ARN, and behind it the repository that its image lies in. `named`: the name that the function has for it meant it. */
export function functionImageId(functionArn: string, repositoryUri: string, named = true): string {
  return `${functionArn}:${repositoryUri}${named ? "" : UNNAMED}`;
}

/** Null: the id does not tell the repository. */
export function repositoryOfFunctionImage(id: string): ImageAddress | null {
  return readImageUri(id.slice(unqualified(id).length + 1).replace(UNNAMED, ""));
}

export function isNamedFunctionImage(id: string): boolean {
  return !id.endsWith(UNNAMED);
}

/** An image that a run puts beside a function's own, and what it is made of. */
export interface PushedImage {
  readonly functionArn: string;
  readonly repositoryUri: string;
  readonly tag: string;
  /** The digest that the function's image has. */
  readonly from: string;
  /** The name under which the function has it: what a restore without a journal puts back. */
  readonly uri: string;
  /** The path of the program in it that is patched; null: none is. */
  readonly patch: string | null;
}

/** The function's ARN, and behind it all that is needed to push the image, or to delete its tag. */
export function pushedImageId({ functionArn, repositoryUri, tag, from, uri, patch }: PushedImage): string {
  const made = new URLSearchParams({ from, uri, ...(patch === null ? {} : { patch }) });
  return `${functionArn}:${repositoryUri}:${tag}?${made.toString()}`;
}

export function readPushedImageId(id: string): PushedImage & { readonly address: ImageAddress } {
  const functionArn = unqualified(id);
  const [image = "", query = ""] = id.slice(functionArn.length + 1).split("?");
  const address = readImageUri(image) ?? NOWHERE;
  const made = new URLSearchParams(query);
  const [from, uri] = [made.get("from") ?? "", made.get("uri") ?? ""];
  const { repositoryUri, tag } = address;
  return { functionArn, repositoryUri, tag: tag ?? "", address, from, uri, patch: made.get("patch") };
}

/** Of an id that names no image: a registry says that there is no such thing. */
const NOWHERE: ImageAddress = {
  registryId: "",
  region: "",
  repositoryName: "",
  repositoryUri: "",
  tag: null,
  digest: null,
};
