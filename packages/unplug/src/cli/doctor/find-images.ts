import { deleteTagLine, readImageUri, runOfTag } from "../../carriers/image-names.ts";
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

/**
 * Images that runs pushed and that have their tag still, in the repositories that functions have their images from, and in those
 * that this machine's runs pushed to. Of the runs in `marked` a function's own marker is told already.
 */
export async function findImages(
  functions: readonly FunctionConfiguration[],
  marked: ReadonlySet<string>,
  looking: Looking,
): Promise<readonly Finding[]> {
  const repositories = new Set<string>();
  for (const uri of looking.repositories) addRepository(uri, repositories, looking);
  const asked = await looked("images of functions", () => askFunctions(functions, repositories, looking));
  const users = Map.groupBy(functions, ({ CodeSha256 = "" }) => `sha256:${CodeSha256}`);
  const clean: number[] = [];
  const found = await Promise.all(
    [...repositories].map((name) =>
      looked(`repository ${name}`, async () => {
        const { findings, images, ours } = await findTags({ name, users, marked }, looking);
        clean.push(...(ours ? [] : [images]));
        return findings;
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

/** Of this account and region, where alone runs push. */
function addRepository(uri: string, repositories: Set<string>, { connection }: Looking): void {
  const address = readImageUri(uri);
  const { account, region } = connection.place;
  if (address?.registryId === account && address.region === region) repositories.add(address.repositoryName);
}

async function askFunctions(
  functions: readonly FunctionConfiguration[],
  repositories: Set<string>,
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
        addRepository(Code?.ResolvedImageUri ?? "", repositories, looking);
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

function isLatest({ Version = "$LATEST" }: FunctionConfiguration): boolean {
  return Version === "$LATEST";
}

interface Searched {
  readonly name: string;
  readonly users: Users;
  readonly marked: ReadonlySet<string>;
}

async function findTags(
  { name, users, marked }: Searched,
  { connection, known, signal }: Looking,
): Promise<{ readonly findings: readonly Finding[]; readonly images: number; readonly ours: boolean }> {
  const { account, region } = connection.place;
  const findings: Finding[] = [];
  let [images, ours, pages, nextToken]: [number, boolean, number, string | undefined] = [
    0,
    false,
    0,
    undefined,
  ];
  do {
    const page: ImagesPage = await connection.aws.call(
      "ecr:DescribeImages",
      {
        registryId: account,
        repositoryName: name,
        filter: { tagStatus: "TAGGED" },
        maxResults: PAGE,
        ...(nextToken === undefined ? {} : { nextToken }),
      },
      signal,
    );
    const { imageDetails = [] } = page;
    images += imageDetails.length;
    for (const { imageDigest = "", imageTags = [] } of imageDetails) {
      for (const tag of imageTags) {
        const run = runOf(tag);
        if (run === null) continue;
        ours = true;
        if (marked.has(run)) continue;
        const { alive, text } = known.stateOf(run, null);
        const { has, restore, first } = usedBy(users.get(imageDigest) ?? [], region);
        const remove = `${first}${deleteTagLine({ repositoryName: name, region }, tag)}`;
        findings.push({
          subject: "account",
          state: alive ? "note" : "left",
          text: `image ${name}:${tag} ${text}${has}`,
          mend: known.restoreOf(run) ?? restore ?? remove,
        });
      }
    }
    nextToken = page.nextToken;
    pages += 1;
  } while (nextToken !== undefined && pages < MOST_PAGES);
  if (nextToken !== undefined) {
    const text = `repository ${name} was looked through for its first ${images} images with a tag: it has more`;
    findings.push({ subject: "account", state: "unknown", text });
  }
  return { findings, images, ours: ours || nextToken !== undefined };
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

/** Who has the image, and what takes it away from them; null where that is no matter of a restore. */
function usedBy(
  users: readonly FunctionConfiguration[],
  region: string,
): { readonly has: string; readonly restore: string | null; readonly first: string } {
  const nameOf = ({ FunctionArn = "" }: FunctionConfiguration) => FunctionArn.split(":")[6] ?? "";
  const latest = users.find(isLatest);
  if (latest !== undefined) {
    const name = nameOf(latest);
    const has = `; function ${name} has it, without a marker: it is inert`;
    return { has, restore: `unplug restore --function ${name} --region ${region} --yes`, first: "" };
  }
  const [version] = users;
  if (version === undefined) return { has: "", restore: null, first: "" };
  const name = nameOf(version);
  const has = `; version ${version.Version} of ${name} has it: that goes first`;
  const first = `aws lambda delete-function --function-name ${name} --qualifier ${version.Version} --region ${region} && `;
  return { has, restore: null, first };
}
