import { zipOf } from "../../packages/sandbox/src/index.ts";
import { readPushedImageId } from "../../packages/unplug/src/carriers/image-names.ts";
import { environmentAccess } from "../../packages/unplug/src/contract/access.ts";
import { unqualified } from "../../packages/unplug/src/contract/arns.ts";
import { memoryJournal } from "../../packages/unplug/src/journal/memory-journal.ts";
import type { ForeignWrite, LawBench } from "../../packages/unplug/src/laws/index.ts";
import { builtImage, putImage } from "./image-builder.ts";
import { PretendedProcesses } from "./processes.ts";
import { partsOf } from "./scenario.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { ACCOUNT, IMAGE, makeWorld, REGION, recordOf, type WorldOptions } from "./world.ts";

type Somebody = (action: string, input: Record<string, unknown>) => Promise<unknown>;

const foreign = (
  title: string,
  kind: string,
  touchesOurs: boolean,
  write: (id: string, aws: Somebody) => Promise<unknown>,
): ForeignWrite => ({
  title,
  kind,
  touchesOurs,
  make: async (ref, { parts, region }) => {
    const { aws } = await parts.connect(environmentAccess(region), "foreign", new AbortController().signal);
    await write(ref.id, (action, input) => Reflect.apply(aws.call, aws, [action, input]));
  },
});

const arn = (id: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${id}`;

const THEIR_ZIP = await zipOf({ "index.mjs": "export const handler = async () => 'theirs';" });
/** What a colleague has pushed, beside the image of the function. */
const THEIR_IMAGE = { layers: [[{ path: "app" }, { path: "app/theirs", body: "theirs" }]] };
const THEIR_TAG = "theirs";

/** The tag of a run means their image from here on. */
async function moveTag(id: string, aws: Somebody): Promise<void> {
  const { address, tag } = readPushedImageId(id);
  const { registryId, repositoryName } = address;
  const repository = { registryId, repositoryName };
  const theirs = await aws("registry:GetManifest", { ...repository, reference: THEIR_TAG });
  const { manifest, mediaType } = recordOf(theirs);
  await aws("registry:PutManifest", { ...repository, reference: tag, manifest, mediaType });
}

const foreignWrites: readonly ForeignWrite[] = [
  foreign("a colleague sets the batch size", "mapping", false, (UUID, aws) =>
    aws("lambda:UpdateEventSourceMapping", { UUID, BatchSize: 7 }),
  ),
  foreign("a colleague enables the mapping", "mapping", true, (UUID, aws) =>
    aws("lambda:UpdateEventSourceMapping", { UUID, Enabled: true }),
  ),
  foreign("a colleague tags the mapping", "mapping-tags", false, (id, aws) =>
    aws("lambda:TagResource", { Resource: arn(id), Tags: { team: "orders" } }),
  ),
  foreign("a colleague sets the timeout", "configuration", false, (FunctionName, aws) =>
    aws("lambda:UpdateFunctionConfiguration", { FunctionName, Timeout: 77 }),
  ),
  foreign("a colleague sets the memory", "configuration", true, (FunctionName, aws) =>
    aws("lambda:UpdateFunctionConfiguration", { FunctionName, MemorySize: 512 }),
  ),
  foreign("a colleague moves the alias", "alias", true, (id, aws) =>
    aws("lambda:UpdateAlias", {
      FunctionName: id.split(":").slice(0, 7).join(":"),
      Name: id.split(":")[7],
      FunctionVersion: "$LATEST",
      RoutingConfig: { AdditionalVersionWeights: {} },
    }),
  ),
  foreign("a colleague reserves concurrency", "concurrency", true, (FunctionName, aws) =>
    aws("lambda:PutFunctionConcurrency", { FunctionName, ReservedConcurrentExecutions: 5 }),
  ),
  foreign("a colleague deploys other code", "code", true, (id, aws) =>
    aws("lambda:UpdateFunctionCode", { FunctionName: unqualified(id), ZipFile: THEIR_ZIP }),
  ),
  foreign("a colleague deploys another image", "function-image", true, (id, aws) =>
    aws("lambda:UpdateFunctionCode", {
      FunctionName: unqualified(id),
      ImageUri: IMAGE.uri.replace(IMAGE.tag, THEIR_TAG),
    }),
  ),
  foreign("a colleague gives the run's tag to another image", "image", true, moveTag),
];

/** Worlds that are the same each time: with two mappings, an alias, a bucket, and a function of this kind. */
export function lawBench(options: Pick<WorldOptions, "image" | "settings"> = {}): LawBench {
  return {
    makeWorld: async () => {
      const clock = new VirtualClock();
      const world = await makeWorld(clock, { mappings: 2, alias: "live", bucket: "staging", ...options });
      if (options.image !== undefined) {
        const place = { repository: IMAGE.repository, tag: THEIR_TAG, region: REGION };
        await putImage(world.cloud, place, builtImage(THEIR_IMAGE));
      }
      const journal = memoryJournal(new PretendedProcesses(), clock);
      const settle = async <T>(work: Promise<T>): Promise<T> => {
        await clock.run(work);
        return work;
      };
      return { parts: partsOf(world.aws, journal, world), region: REGION, settle };
    },
    foreignWrites,
  };
}
