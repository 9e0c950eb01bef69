import { isMissing } from "../contract/aws.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { type CodeFor, withInterceptor, withoutInterceptor } from "./code-part.ts";
import type { Architecture } from "./interceptor.ts";
import { sha256Of } from "./interceptor-layer.ts";
import type { CodePlace } from "./staging.ts";

/** AWS leaves it out of no zip function, but of some older answers, from before there was another than x86_64. */
export function architectureOf({ Configuration }: FunctionAnswer): Architecture {
  return Configuration?.Architectures?.[0] === "arm64" ? "arm64" : "x86_64";
}

/** A container image; its code is in a registry. */
export function isImage({ Configuration }: FunctionAnswer): boolean {
  return Configuration?.PackageType === "Image";
}

/** What decides how the interceptor is added to the code of a function. */
export function codeTraits(answer: FunctionAnswer): Omit<CodeFor, "bucket"> {
  const { Runtime: runtime = "", Handler: handler = "" } = answer.Configuration ?? {};
  return { architecture: architectureOf(answer), runtime, handler };
}

/** The zip of a function; or, where its hash is not the one that AWS tells, that. */
export async function downloadCode(
  { Code = {}, Configuration = {} }: FunctionAnswer,
  io: Io,
): Promise<{ readonly zip: Uint8Array } | { readonly problem: string }> {
  const { Location = "" } = Code;
  const { Body } = await io.aws.call("code:Download", { Location }, io.signal);
  const [is, told] = [sha256Of(Body), Configuration.CodeSha256];
  if (is === told) return { zip: Body };
  return {
    problem: `AWS gave other code of function ${Configuration.FunctionName} than it says: its SHA-256 is ${is}, CodeSha256 is ${told}.`,
  };
}

/** The function as AWS tells it; null when it is not there. */
export async function findCode(functionArn: string, io: Io): Promise<FunctionAnswer | null> {
  try {
    return await io.aws.call("lambda:GetFunction", { FunctionName: functionArn }, io.signal);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * The zip that has the hash, made of what is in the function: as it is, without our files, or with them; the bucket is what
 * they say. For a plan, which is made from a recorder, nothing is there to make it of.
 */
export async function codeOfHash(
  { functionArn, bucket }: CodePlace,
  sha256: string,
  io: Io,
): Promise<Uint8Array> {
  const answer = await findCode(functionArn, io);
  // AWS never leaves it out; a plan's recorder does.
  if (answer !== null && answer.Configuration === undefined) return new Uint8Array();
  if (answer?.Code?.Location === undefined)
    throw new Error(`AWS gives no link to the code of ${functionArn}.`);
  const now = await downloadCode(answer, io);
  if ("problem" in now) throw new Error(now.problem);
  if (sha256Of(now.zip) === sha256) return now.zip;
  const taken = await withoutInterceptor(now.zip);
  if (taken !== null && "zip" in taken && sha256Of(taken.zip) === sha256) return taken.zip;
  const made = await withInterceptor(now.zip, { ...codeTraits(answer), bucket });
  if ("zip" in made && sha256Of(made.zip) === sha256) return made.zip;
  throw new Error(
    `The code of ${functionArn} cannot be made what it shall be (CodeSha256 ${sha256}): it is not the code that was read before.`,
  );
}
