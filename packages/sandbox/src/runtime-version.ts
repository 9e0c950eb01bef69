import { createHash } from "node:crypto";

/** ARN of the version of a runtime that functions run on: one per runtime, made from its name. */
export function runtimeVersionArn({ region }: { readonly region: string }, runtime: string): string {
  const digest = createHash("sha256").update(runtime).digest("hex");
  return `arn:aws:lambda:${region}::runtime:${digest}`;
}
