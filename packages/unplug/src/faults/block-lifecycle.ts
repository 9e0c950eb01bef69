import * as z from "zod";
import type { ImageAddress } from "../carriers/image-names.ts";
import { AwsError } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";

/** As much of a policy as tells whether it counts. Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html */
const policy = z.object({
  rules: z.array(
    z.object({
      selection: z.object({ tagStatus: z.string(), countType: z.string(), countNumber: z.number() }),
    }),
  ),
});

/** What is to be said where ECR deletes images by their number. Whoever may not ask is told nothing. */
export async function lifecycleNotes(address: ImageAddress, io: Io): Promise<readonly string[]> {
  const { registryId, repositoryName } = address;
  const { lifecyclePolicyText = "" } = await io.aws
    .call("ecr:GetLifecyclePolicy", { registryId, repositoryName }, io.signal)
    .catch((error: unknown) => {
      // It is only told: who may not ask, or has an ECR without such policies, goes on without.
      if (error instanceof AwsError) return { lifecyclePolicyText: "" };
      throw error;
    });
  const most = countsOf(lifecyclePolicyText);
  if (most.length === 0) return [];
  return [
    `A lifecycle policy of ${repositoryName} keeps no more than ${Math.min(...most)} images, and the one that is pushed counts: ECR may delete the oldest for it, whoever uses that. The function's own is put there again by the restore, as long as the pushed one is there; others are not.`,
  ];
}

/** How many images are kept, of each rule that counts images with a tag. */
function countsOf(text: string): readonly number[] {
  const read = policy.safeParse(parsed(text)).data?.rules ?? [];
  return read.flatMap(({ selection: { tagStatus, countType, countNumber } }) =>
    countType === "imageCountMoreThan" && tagStatus !== "untagged" ? [countNumber] : [],
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
