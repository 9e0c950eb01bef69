import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import type { Architecture } from "./interceptor.ts";
import { sha256Of } from "./interceptor-layer.ts";

/** AWS leaves it out of no zip function, but of some older answers, from before there was another than x86_64. */
export function architectureOf({ Configuration }: FunctionAnswer): Architecture {
  return Configuration?.Architectures?.[0] === "arm64" ? "arm64" : "x86_64";
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
