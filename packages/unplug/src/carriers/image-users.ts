import { unqualified } from "../contract/arns.ts";
import { AwsError, isDenied, isMissing, type OutputOf } from "../contract/aws.ts";
import type { FunctionConfiguration } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { Refusal } from "../contract/refusal.ts";
import { findCode } from "./function-code.ts";
import {
  deleteTagLine,
  type ImageAddress,
  isTagFor,
  type PushedImage,
  readImageUri,
  runOfTag,
} from "./image-names.ts";

/** An image that is about to be deleted, and what it was made of. */
export interface UsedImage extends Pick<PushedImage, "functionArn" | "tag" | "from"> {
  readonly address: ImageAddress;
  readonly digest: string;
}

/** What is kept of a reading for the deletion of the image. */
export class HeldImage {
  /** All that the image has, ours among them. */
  readonly tags: readonly string[];
  readonly users: ImageUsers;

  constructor(tags: readonly string[], users: ImageUsers) {
    this.tags = tags;
    this.users = users;
  }
}

/** As AWS lists them: functions of a region, or versions of one. */
interface Page {
  readonly found: readonly FunctionConfiguration[];
  readonly next?: string | undefined;
}

/**
 * The functions of a region by their image, listed when first somebody asks: 50 with each call. Other accounts' are in no list, and
 * versions of other functions are not looked through, of which there may be any number.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
export class ImageUsers {
  readonly #io: Io;
  #listed: Promise<readonly FunctionConfiguration[]> | null = null;

  constructor(io: Io) {
    this.#io = io;
  }

  /** The ARNs of those that the list tells to have the image of the digest. */
  async of(digest: string): Promise<readonly string[]> {
    this.#listed ??= this.#list();
    return (await this.#listed)
      .filter((one) => hasDigest(one, digest))
      .flatMap(({ FunctionArn }) => (FunctionArn === undefined ? [] : unqualified(FunctionArn)));
  }

  #list(): Promise<readonly FunctionConfiguration[]> {
    const { aws, signal } = this.#io;
    return allPages(async (marker) => {
      const { Functions: found = [], NextMarker: next } = await aws.call(
        "lambda:ListFunctions",
        marker,
        signal,
      );
      return { found, next };
    });
  }
}

/**
 * Refuses an image that a version has which somebody published meanwhile, or another function: they have it for good, and without it
 * AWS cannot start them any more one day. Whoever may not look does not delete it, since it does nothing where it stays.
 */
export async function refuseUsed(image: UsedImage, { tags, users }: HeldImage, io: Io): Promise<void> {
  const version = await publishedWith(image, io).catch(unlooked);
  if (version !== undefined) throw versionHas(image, version);
  const listed = await users.of(image.digest).catch(unlooked);
  // For whom a run pushed the same image it is there by a tag of their own, until their own restore.
  const others = listed.filter((arn) => arn !== image.functionArn && !tags.some((tag) => isTagFor(arn, tag)));
  // A list may be older than the function: of those in it, each is asked itself.
  const has = await Promise.all(others.map((arn) => hasStill(arn, image, io)));
  const theirs = others.filter((_, i) => has[i]);
  if (theirs.length > 0) throw functionsHave(image, theirs.map(nameOf));
}

async function publishedWith(
  { functionArn, tag, digest }: UsedImage,
  io: Io,
): Promise<FunctionConfiguration | undefined> {
  const run = runOfTag(tag) ?? "";
  const versions = await allPages(async (marker) => {
    const input = { FunctionName: functionArn, ...marker };
    const { Versions: found = [], NextMarker: next } = await io.aws
      .call("lambda:ListVersionsByFunction", input, io.signal)
      .catch(noVersions);
    return { found, next };
  });
  return versions.find(
    (one) => one.Version !== "$LATEST" && hasDigest(one, digest) && one.Description?.includes(run) !== true,
  );
}

/** A function that is deleted has none. */
function noVersions(error: unknown): OutputOf<"lambda:ListVersionsByFunction"> {
  if (isMissing(error)) return {};
  throw error;
}

async function allPages(
  page: (marker: { readonly Marker?: string }) => Promise<Page>,
): Promise<readonly FunctionConfiguration[]> {
  const all: FunctionConfiguration[] = [];
  let at: string | undefined;
  for (;;) {
    const { found, next } = await page(at === undefined ? {} : { Marker: at });
    all.push(...found);
    // A page that is given twice has no end.
    if (next === undefined || next === "" || next === at) return all;
    at = next;
  }
}

function hasDigest({ CodeSha256 = "" }: FunctionConfiguration, digest: string): boolean {
  return `sha256:${CodeSha256}` === digest;
}

/** Also of a function that may not be asked: the list says so. */
async function hasStill(arn: string, { address, digest }: UsedImage, io: Io): Promise<boolean> {
  const answer = await findCode(arn, io).catch((error: unknown) => {
    if (isDenied(error)) return undefined;
    throw error;
  });
  if (answer === undefined) return true;
  const is = readImageUri(answer?.Code?.ResolvedImageUri ?? "");
  // The same image in another repository is not the one that is deleted.
  const isHere = is?.registryId === address.registryId && is.repositoryName === address.repositoryName;
  return isHere && is.digest === digest;
}

/** AWS's own word tells what may not be done, and not what that has to do with the image. */
function unlooked(error: unknown): never {
  if (!(error instanceof AwsError) || !isDenied(error)) throw error;
  const { action, code, status, outcome } = error;
  const message = `${error.message.replace(/\.$/, "")}; so who else has the image could not be looked, and it is not deleted`;
  throw new AwsError(action, { code, status, outcome, message }, error);
}

function nameOf(functionArn: string): string {
  return functionArn.split(":")[6] ?? "";
}

function versionHas({ functionArn, address, tag }: UsedImage, { Version = "" }: FunctionConfiguration) {
  const { repositoryName, region } = address;
  const name = nameOf(functionArn);
  return new Refusal(
    `Version ${Version} of ${name}, which somebody published while the fault was in, has the image ${repositoryName}:${tag}: it stays.`,
    [],
    [
      "Once nobody needs the version:",
      `aws lambda delete-function --function-name ${name} --qualifier ${Version} --region ${region}`,
      deleteTagLine(address, tag),
    ].join("\n"),
  );
}

function functionsHave({ functionArn, address, tag, from }: UsedImage, names: readonly string[]): Refusal {
  const { repositoryName, repositoryUri, region } = address;
  const [is, have] = names.length === 1 ? ["Function", "has"] : ["Functions", "have"];
  return new Refusal(
    `${is} ${names.join(", ")} ${have} the image ${repositoryName}:${tag}, which was made for ${nameOf(functionArn)} and does nothing there: it stays.`,
    [],
    [
      "Give the image that it was made of in its place, and do away with versions that were published of it (aws lambda list-versions-by-function):",
      ...names.map(
        (name) =>
          `aws lambda update-function-code --function-name ${name} --image-uri ${repositoryUri}@${from} --region ${region}`,
      ),
      deleteTagLine(address, tag),
    ].join("\n"),
  );
}
