import {
  deleteTagLine,
  type ImageAddress,
  isTagFor,
  readImageUri,
  runOfTag,
  shortDigest,
} from "../../carriers/image-names.ts";
import { unqualified } from "../../contract/arns.ts";
import { isMissing } from "../../contract/aws.ts";
import type { FunctionConfiguration } from "../../contract/aws-calls.ts";
import type { Finding } from "./diagnosis.ts";
import type { Looking } from "./find-leftovers.ts";
import { looked } from "./looked.ts";

/** A call for each: of so many functions it is asked in which repository their image is. */
const MOST_FUNCTIONS = 100;

/** As many as ECR gives out at once. */
const PAGE = 1000;
/** Of one repository: what gives out more, or the same again, may have no end. */
const MOST_PAGES = 100;

/** Functions and versions, by the digest of their image. */
type Users = ReadonlyMap<string, readonly FunctionConfiguration[]>;

/** The image that a function has now. */
interface FunctionImage {
  readonly functionName: string;
  readonly repositoryName: string;
  readonly digest: string;
}

/**
 * Images that runs pushed and that have their tag still, in the repositories that functions have their images from, and in those
 * that this machine's runs pushed to; and functions whose image is in its repository no more. Of the runs in `marked` a function's own marker is told already.
 */
export async function findImages(
  functions: readonly FunctionConfiguration[],
  marked: ReadonlySet<string>,
  looking: Looking,
): Promise<readonly Finding[]> {
  const repositories = new Set<string>();
  for (const uri of looking.repositories) addRepository(uri, repositories, looking);
  const images: FunctionImage[] = [];
  const asked = await looked("images of functions", () => askFunctions(functions, images, looking));
  for (const { repositoryName } of images) repositories.add(repositoryName);
  const users = Map.groupBy(functions, ({ CodeSha256 = "" }) => `sha256:${CodeSha256}`);
  const clean: number[] = [];
  const found = await Promise.all(
    [...repositories].map((name) =>
      looked(`repository ${name}`, async () => {
        const found = await findTags({ name, users, marked }, looking);
        clean.push(...(found.ours ? [] : [found.tagged]));
        const mine = images.filter(({ repositoryName }) => repositoryName === name);
        return [...found.findings, ...(found.whole ? lostOf(mine, found.digests) : [])];
      }),
    ),
  );
  return [...asked, ...found.flat(), ...nothingIn(clean)];
}

/** How many images each repository has in which nothing was found. */
function nothingIn(clean: readonly number[]): readonly Finding[] {
  if (clean.length === 0) return [];
  const images = clean.reduce((sum, one) => sum + one, 0);
  const text = `${clean.length} repositories of images: none of their ${images} images with a tag is of a run`;
  return [{ subject: "account", state: "good", text }];
}

/** Functions whose image the repository has no more: AWS runs them as long as it has a copy of its own. */
function lostOf(images: readonly FunctionImage[], digests: ReadonlySet<string>): readonly Finding[] {
  return images
    .filter(({ digest }) => !digests.has(digest))
    .map(({ functionName, repositoryName, digest }) => ({
      subject: "account",
      state: "note",
      text: `function ${functionName} has the image ${shortDigest(digest)}, which ${repositoryName} has no more: AWS may be unable to start it one day`,
      mend: `Push that image again, or give the function another: aws lambda update-function-code --function-name ${functionName} --image-uri IMAGE`,
    }));
}

/** Of this account and region, where alone runs push. */
function addRepository(uri: string, repositories: Set<string>, looking: Looking): void {
  const address = ownAddress(uri, looking);
  if (address !== null) repositories.add(address.repositoryName);
}

function ownAddress(uri: string, { connection }: Looking): ImageAddress | null {
  const address = readImageUri(uri);
  const { account, region } = connection.place;
  return address?.registryId === account && address.region === region ? address : null;
}

/** Puts what it learns into `images`, also where it may not ask all of them. */
async function askFunctions(
  functions: readonly FunctionConfiguration[],
  images: FunctionImage[],
  looking: Looking,
): Promise<readonly Finding[]> {
  const { connection, signal } = looking;
  const ofImages = functions.filter((one) => one.PackageType === "Image" && isLatest(one));
  const asked = ofImages.slice(0, MOST_FUNCTIONS);
  await Promise.all(
    asked.map(async ({ FunctionArn = "" }) => {
      try {
        const input = { FunctionName: unqualified(FunctionArn) };
        const { Code } = await connection.aws.call("lambda:GetFunction", input, signal);
        const address = ownAddress(Code?.ResolvedImageUri ?? "", looking);
        if (address === null || address.digest === null) return;
        const { repositoryName, digest } = address;
        images.push({ functionName: nameOf({ FunctionArn }), repositoryName, digest });
      } catch (error) {
        // Somebody deleted it meanwhile.
        if (!isMissing(error)) throw error;
      }
    }),
  );
  const skipped = ofImages.length - asked.length;
  if (skipped === 0) return [];
  const text = `${skipped} functions were not asked for the repository of their image: more than ${MOST_FUNCTIONS} have one`;
  return [{ subject: "account", state: "note", text }];
}

function nameOf({ FunctionArn = "" }: FunctionConfiguration): string {
  return FunctionArn.split(":")[6] ?? "";
}

function isLatest({ Version = "$LATEST" }: FunctionConfiguration): boolean {
  return Version === "$LATEST";
}

interface Searched {
  readonly name: string;
  readonly users: Users;
  readonly marked: ReadonlySet<string>;
}

/** What a repository has. */
interface Found {
  readonly findings: readonly Finding[];
  /** How many images have a tag. */
  readonly tagged: number;
  /** Of all images, those without a tag too. */
  readonly digests: ReadonlySet<string>;
  /** One of ours may be among them. */
  readonly ours: boolean;
  /** All of it was looked through. */
  readonly whole: boolean;
}

async function findTags(searched: Searched, { connection, known, signal }: Looking): Promise<Found> {
  const { account, region } = connection.place;
  const { name } = searched;
  const repository = { registryId: account, repositoryName: name, maxResults: PAGE };
  const findings: Finding[] = [];
  const digests = new Set<string>();
  let [images, tagged, ours, pages] = [0, 0, false, 0];
  let token: { readonly nextToken?: string } = {};
  do {
    const page: ImagesPage = await connection.aws.call(
      "ecr:DescribeImages",
      { ...repository, ...token },
      signal,
    );
    for (const { imageDigest = "", imageTags = [] } of page.imageDetails ?? []) {
      images += 1;
      digests.add(imageDigest);
      tagged += imageTags.length > 0 ? 1 : 0;
      for (const tag of imageTags) {
        const run = runOf(tag);
        if (run === null) continue;
        ours = true;
        if (!searched.marked.has(run))
          findings.push(foundTag({ tag, run, imageDigest }, searched, { known, region }));
      }
    }
    token = page.nextToken === undefined ? {} : { nextToken: page.nextToken };
    pages += 1;
  } while (token.nextToken !== undefined && pages < MOST_PAGES);
  const whole = token.nextToken === undefined;
  if (!whole) {
    const text = `repository ${name} was looked through for its first ${images} images: it has more`;
    findings.push({ subject: "account", state: "unknown", text });
  }
  return { findings, tagged, digests, ours: ours || !whole, whole };
}

interface OurTag {
  readonly tag: string;
  readonly run: string;
  readonly imageDigest: string;
}

function foundTag(
  { tag, run, imageDigest }: OurTag,
  { name, users }: Searched,
  { known, region }: Pick<Looking, "known"> & { readonly region: string },
): Finding {
  const { alive, text } = known.stateOf(run, null);
  const all = users.get(imageDigest) ?? [];
  const restore = (one: FunctionConfiguration) =>
    `unplug restore --function ${nameOf(one)} --region ${region} --yes`;
  const latest = all.filter(isLatest);
  const own = latest.find((one) => isTagFor(unqualified(one.FunctionArn ?? ""), tag));
  // A restore leaves an image that others have: they come first.
  const others = latest.filter((one) => one !== own).map(restore);
  const remove = [...deletions(latest, all, region), deleteTagLine({ repositoryName: name, region }, tag)];
  const last = known.restoreOf(run) ?? (own === undefined ? remove.join(" && ") : restore(own));
  return {
    subject: "account",
    state: alive ? "note" : "left",
    text: `image ${name}:${tag} ${text}${usedBy(latest, all)}`,
    mend: [...others, last].join(" && "),
  };
}

interface ImagesPage {
  readonly imageDetails?: readonly {
    readonly imageDigest?: string;
    readonly imageTags?: readonly string[];
  }[];
  readonly nextToken?: string;
}

/** Null: the tag is somebody else's, however it begins. */
function runOf(tag: string): string | null {
  const run = runOfTag(tag);
  return run !== null && /^r-\d{8}-\d{4}-\w+$/.test(run) ? run : null;
}

type Configurations = readonly FunctionConfiguration[];

/** Who has the image. */
function usedBy(latest: Configurations, all: Configurations): string {
  if (latest.length > 0) {
    const [is, have] = latest.length === 1 ? ["function", "has"] : ["functions", "have"];
    return `; ${is} ${latest.map(nameOf).join(", ")} ${have} it, without a marker: it is inert`;
  }
  const [version] = all;
  return version === undefined
    ? ""
    : `; version ${version.Version} of ${nameOf(version)} has it: that goes first`;
}

/** What takes away the version that is told of. */
function deletions(latest: Configurations, [version]: Configurations, region: string): readonly string[] {
  if (latest.length > 0 || version === undefined) return [];
  return [
    `aws lambda delete-function --function-name ${nameOf(version)} --qualifier ${version.Version} --region ${region}`,
  ];
}
