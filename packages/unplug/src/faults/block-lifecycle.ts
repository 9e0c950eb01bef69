import * as z from "zod";
import { type ImageAddress, imageTag, isTagFor } from "../carriers/image-names.ts";
import { AwsError } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";

/** As much of a policy as tells whether it counts. Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html */
const selection = z.object({
  tagStatus: z.string(),
  tagPrefixList: z.array(z.string()).default([]),
  tagPatternList: z.array(z.string()).default([]),
  countType: z.string(),
  countNumber: z.number(),
});

type Selection = z.infer<typeof selection>;

const policy = z.object({ rules: z.array(z.object({ selection })) });

/** What is to be said where ECR deletes images by their number. Whoever may not ask is told nothing. */
export async function lifecycleNotes(
  address: ImageAddress,
  functionArn: string,
  io: Io,
): Promise<readonly string[]> {
  const { registryId, repositoryName } = address;
  const { lifecyclePolicyText = "" } = await io.aws
    .call("ecr:GetLifecyclePolicy", { registryId, repositoryName }, io.signal)
    .catch((error: unknown) => {
      // It is only told: who may not ask, or has an ECR without such policies, goes on without.
      if (error instanceof AwsError) return { lifecyclePolicyText: "" };
      throw error;
    });
  const most = countsOf(lifecyclePolicyText, functionArn);
  if (most.length === 0) return [];
  return [
    `A lifecycle policy of ${repositoryName} keeps no more than ${Math.min(...most)} images, and the one that is pushed counts: ECR may delete the oldest for it, whoever uses that. The function's own is put there again by the restore, as long as the pushed one is there; others are not.`,
  ];
}

/** How many images are kept, of each rule that counts the one that is pushed. */
function countsOf(text: string, functionArn: string): readonly number[] {
  const read = policy.safeParse(parsed(text)).data?.rules ?? [];
  return read.flatMap(({ selection: by }) =>
    by.countType === "imageCountMoreThan" && selects(by, functionArn) ? [by.countNumber] : [],
  );
}

/** Of several prefixes or patterns an image must have them all, and the one that is pushed has but one tag, for as long as it is there. */
function selects({ tagStatus, tagPrefixList, tagPatternList }: Selection, functionArn: string): boolean {
  if (tagStatus !== "tagged") return tagStatus !== "untagged";
  return [...tagPrefixList.map((prefix) => `${prefix}*`), ...tagPatternList].every((pattern) =>
    mayMatch(pattern, functionArn),
  );
}

/**
 * Whether a pattern matches a tag that some run gives to what it makes for the function; which run it will be is not known yet. Only
 * the ends are compared, which is all: what a pattern has between two `*` may be in the run's name.
 */
function mayMatch(pattern: string, functionArn: string): boolean {
  const parts = pattern.split("*");
  if (parts.length === 1) return isTagFor(functionArn, pattern);
  const [start = "", end = ""] = imageTag("*", functionArn).split("*");
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  return (first.startsWith(start) || start.startsWith(first)) && (last.endsWith(end) || end.endsWith(last));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
