import { functionArnOf } from "../contract/arns.ts";
import { AwsError, isDenied } from "../contract/aws.ts";
import type { Target } from "../contract/fault.ts";
import type { FunctionTags } from "../contract/guard-rails.ts";
import type { Io } from "../contract/io.ts";
import type { PlannedEdit } from "../contract/plan.ts";

/** The tags of every function that a step would touch, asked one after the other. Reads only. */
export async function functionTags(
  { targets, edits }: { readonly targets: readonly Target[]; readonly edits: readonly PlannedEdit[] },
  io: Io,
): Promise<readonly FunctionTags[]> {
  const refs = [...targets.map(({ ref }) => ref), ...edits.map(({ edit }) => edit.ref)];
  const arns = new Set(refs.flatMap((ref) => functionArnOf(ref) ?? []));
  const found: FunctionTags[] = [];
  for (const functionArn of arns) found.push(await tagsOf(functionArn, io));
  return found;
}

async function tagsOf(functionArn: string, io: Io): Promise<FunctionTags> {
  try {
    const { Tags = {} } = await io.aws.call("lambda:ListTags", { Resource: functionArn }, io.signal);
    return { functionArn, tags: Tags, problem: "" };
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === "Aborted") throw error;
    const problem = isDenied(error)
      ? "lambda:ListTags is not permitted; add it to the IAM policy"
      : `lambda:ListTags answered ${error.code}: ${error.message}`;
    return { functionArn, tags: null, problem };
  }
}
