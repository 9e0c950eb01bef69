import { architectureOf } from "../carriers/function-code.ts";
import { isGo, patchedBootstrap } from "../carriers/go-bootstrap.ts";
import {
  functionImageId,
  type ImageAddress,
  imageReference,
  imageTag,
  pushedImageId,
  readImageUri,
} from "../carriers/image-names.ts";
import { originalIn } from "../carriers/image-original.ts";
import {
  imageArchitecture,
  imageWith,
  layerReader,
  originOf,
  type ReplacedProgram,
  readImage,
  type SourceImage,
  wholeOf,
} from "../carriers/image-part.ts";
import { type Architecture, type GoProgram, interpreterOf, whyUnreached } from "../carriers/interceptor.ts";
import { isDenied, isMissing } from "../contract/aws.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { ImageProblem, type RealFile, startedProgram } from "../image/index.ts";
import { lifecycleNotes } from "./block-lifecycle.ts";
import type { TargetFunction } from "./target-function.ts";
import { timelyReader } from "./timely-reader.ts";

/** An image of ours in the place of the function's own: plain data, journalled with the target. */
export type ImageCarrier = {
  readonly kind: "image";
  readonly repositoryUri: string;
  /** The digest that the function's image has, and the name under which the function has it. */
  readonly from: string;
  readonly uri: string;
  /** The same as it is to go back without a journal: by no name that meant something else when the run was planned. */
  readonly origin: string;
  /** Of the image that is pushed. */
  readonly digest: string;
  /** The path of the program that is patched; null: none is. */
  readonly patch: string | null;
  readonly go: GoProgram | null;
  /** Of the image's own variables, those that ours are joined to. */
  readonly inherited: Readonly<Record<string, string>>;
};

export interface ImageChoice {
  readonly carrier: ImageCarrier;
  /** No other carrier is for images. */
  readonly reasons: readonly [];
  /** What the plan says of its name, and of how the program was found; sentences. */
  readonly notes: readonly string[];
}

/** What is put beside a function's image, computed without a write. Reads only; refuses what cannot be entered, or put back. */
export async function chooseImage(found: TargetFunction, io: Io): Promise<ImageChoice> {
  const { name } = found;
  const { ImageUri: uri = "" } = found.answer.Code ?? {};
  const address = ownRepository(found, io);
  try {
    return await choose(found, { uri, address }, io);
  } catch (error) {
    if (error instanceof ImageProblem) throw refused(name, error.message);
    if (isMissing(error))
      throw refused(
        name,
        `its image ${address.repositoryUri}@${address.digest} is not in the registry any more`,
      );
    if (isDenied(error)) {
      const what = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
      // A policy for this very function is found by reading its image.
      throw new Refusal(
        `The image of function ${name} may not be read: ${what}.`,
        [],
        "unplug policy lambda-block-tcp-connection, without a function, prints what is needed.",
      );
    }
    throw error;
  }
}

/** Zeros take no room before somebody writes to them. */
const MOST_SPARSE_BYTES = 1_073_741_824;

/** What is longer is not read as a whole. */
const MOST_PATCHED_BYTES = 268_435_456;

/** An image may say anything of itself, at any length. */
const MOST_SAID = 1000;

type Address = ImageAddress & { readonly digest: string };

/** Refuses an image that lies where nothing can be put beside it. */
function ownRepository({ name, answer }: TargetFunction, { place }: Io): Address {
  const { ResolvedImageUri: resolved = "" } = answer.Code ?? {};
  const address = readImageUri(resolved);
  if (address === null || address.digest === null) {
    throw refused(
      name,
      `AWS gives "${resolved}" for its image, and a digest in a repository of ECR was expected`,
    );
  }
  if (address.registryId !== place.account || address.region !== place.region) {
    throw new Refusal(
      `The image of function ${name} lies in ${address.repositoryUri}, which is not of this account and region; nothing was changed.`,
      [],
      `Copy it to a repository of account ${place.account} in ${place.region} (ECR can replicate), and update the function to it.`,
    );
  }
  return { ...address, digest: address.digest };
}

async function choose(
  found: TargetFunction,
  { uri, address }: { readonly uri: string; readonly address: Address },
  io: Io,
): Promise<ImageChoice> {
  const { name } = found;
  const source = await readImage(address, io);
  const architecture = imageArchitecture(source.config);
  const wanted = architectureOf(found.answer);
  if (architecture !== wanted) {
    throw refused(
      name,
      `its image says that it is for ${source.config.architecture || "no machine"}, and the function runs on ${wanted}`,
    );
  }
  if (
    source.config.createdBy.at(-1)?.startsWith("unplug:") === true &&
    (await originOf(address, io)) !== null
  ) {
    throw new Refusal(
      `The image of function ${name} holds the interceptor already: a run left it, or somebody built on what a run had pushed.`,
      [],
      `If a run left it: unplug restore --function ${name} --region ${io.place.region}`,
    );
  }
  const { program, go, notes } = await reached(found, { address, source }, io);
  const { repositoryUri, digest: from } = address;
  const moved = await movedName(uri, address, io);
  const origin = moved.length === 0 ? uri : `${repositoryUri}@${from}`;
  const made = await imageWith(source, { architecture: wanted, from, uri: origin, program });
  const configBytes = made.blobs.at(-1)?.body ?? new Uint8Array();
  const again = originalIn({ mediaType: source.mediaType, manifestBytes: made.manifest, configBytes });
  if (again?.digest !== from) {
    throw refused(name, "its config or manifest is written so that it could not be had again from ours");
  }
  const inherited = Object.fromEntries(
    source.config.environment.flatMap((entry) => {
      const [, key = "", value = ""] = /^(LD_PRELOAD|GODEBUG)=(.*)$/s.exec(entry) ?? [];
      return key === "" ? [] : [[key, value]];
    }),
  );
  const patch = program?.path ?? null;
  return {
    carrier: {
      kind: "image",
      repositoryUri,
      from,
      uri,
      origin,
      digest: made.digest,
      patch,
      go,
      inherited,
    },
    reasons: [],
    notes: [...moved, ...notes, ...(await lifecycleNotes(address, found.arn, io))],
  };
}

/** What is to be said where the function's own name for its image cannot go back. Whoever may not ask is told nothing. */
async function movedName(
  uri: string,
  { registryId, repositoryName, digest }: Address,
  io: Io,
): Promise<readonly string[]> {
  const reference = readImageUri(uri)?.tag ?? null;
  if (reference === null) return [];
  const input = { registryId, repositoryName, reference };
  const now = await io.aws.call("registry:GetManifest", input, io.signal).catch((error: unknown) => {
    if (isMissing(error)) return null;
    if (isDenied(error)) return { digest };
    throw error;
  });
  if (now?.digest === digest) return [];
  const means = now === null ? "nothing" : "another image";
  return [
    `${uri} means ${means} by now: the function is put back to the digest that it has, by that and no name, which is told as drift.`,
  ];
}

interface ReachedProgram {
  readonly program: ReplacedProgram | null;
  readonly go: GoProgram | null;
  readonly notes: readonly string[];
}

/** What the image starts, and by what way that is reached; refuses what is not. */
async function reached(
  found: TargetFunction,
  { address, source }: { readonly address: Address; readonly source: SourceImage },
  io: Io,
): Promise<ReachedProgram> {
  const { name, answer } = found;
  const { ImageConfigResponse, Environment } = answer.Configuration ?? {};
  const { ImageConfig = {}, Error: unread } = ImageConfigResponse ?? {};
  if (unread !== undefined) {
    const { ErrorCode = "KMS", Message = "no reason given" } = unread;
    throw refused(
      name,
      `its ImageConfig cannot be read (${ErrorCode}: ${Message}), so what it starts is not known`,
    );
  }
  const { EntryPoint, Command, WorkingDirectory } = ImageConfig;
  const settings = {
    ...(EntryPoint === undefined ? {} : { entrypoint: EntryPoint }),
    ...(Command === undefined ? {} : { command: Command }),
    ...(WorkingDirectory === undefined ? {} : { workingDirectory: WorkingDirectory }),
    variables: Environment?.Variables ?? {},
  };
  const layers = source.manifest.layers.length;
  const read = timelyReader(layerReader(address, source.manifest, io), io.clock);
  const started = await startedProgram(source.config, settings, { layers, read, interpreterOf });
  if ("because" in started) throw refused(name, started.because);
  const program = started.chain.at(-1);
  if (program === undefined) throw refused(name, "what its image starts is not known");
  const by = wayInto(name, program, found);
  const steps = started.chain.map(({ path }) => path).join(" starts ");
  const notes =
    started.unsure === null
      ? []
      : [`${steps}; ${started.unsure}: it is reached where a dynamic linker loads it.`];
  return { ...by, notes };
}

/** By preload, or by a patch; of a file too long to be read as a whole, what its beginning and its end say. */
function wayInto(name: string, file: RealFile, { answer }: TargetFunction): Omit<ReachedProgram, "notes"> {
  const architecture = architectureOf(answer);
  const bytes = wholeOf(file);
  const patched = bytes === null ? null : patchedBootstrap(bytes, architecture);
  if (patched !== null && !("problem" in patched)) {
    return { program: { path: file.path, mode: file.mode, bytes: patched.bytes }, go: patched.go };
  }
  const because =
    patched?.problem ??
    (bytes === null ? whyLongUnreached(file, architecture) : whyUnreached(bytes, architecture));
  if (because !== null) throw refused(name, `of ${file.path}, which its image starts, ${because}`);
  return { program: null, go: null };
}

/** Of a file of which only the beginning and the end are known. */
function whyLongUnreached(file: RealFile, architecture: Architecture): string | null {
  const bytes = sparse(file);
  if (!isGo(bytes)) return whyUnreached(bytes, architecture);
  const millions = (length: number): number => Math.floor(length / 1_000_000);
  return `it is a Go program of ${millions(file.size)} million bytes, and none of more than ${millions(MOST_PATCHED_BYTES)} million is patched in an image`;
}

/** Zeros between the parts that are known: what is asked of a program stands near its beginning and its end. */
function sparse({ size, parts }: RealFile): Uint8Array {
  const whole = Buffer.alloc(Math.min(size, MOST_SPARSE_BYTES));
  for (const { offset, bytes } of parts) Buffer.from(bytes).copy(whole, offset);
  return whole;
}

function refused(name: string, because: string): Refusal {
  return new Refusal(
    `The interceptor cannot be brought into function ${name}, a container image: ${because.slice(0, MOST_SAID).replace(/\.$/, "")}; nothing was changed.`,
    [],
    "An image of this account and region whose program a dynamic linker loads, or one of Go 1.19 or later, can be faulted.",
  );
}

/** The edits that bring the image: beside the function's own first, then into the function. Both are inert. */
export function imageEdits(ref: Ref, carrier: ImageCarrier, run: string): readonly Edit[] {
  const { repositoryUri, from, uri, origin, digest, patch } = carrier;
  const tag = imageTag(run, ref.id);
  const id = pushedImageId({ functionArn: ref.id, repositoryUri, tag, from, uri: origin, patch });
  return [
    {
      ref: { ...ref, kind: "image", id },
      before: null,
      after: { image: imageReference(`${repositoryUri}:${tag}`, digest) },
      mayStay: true,
    },
    {
      ref: { ...ref, kind: "function-image", id: functionImageId(ref.id, repositoryUri, origin === uri) },
      before: { image: imageReference(uri, from) },
      after: { image: imageReference(repositoryUri, digest) },
    },
  ];
}
