import * as z from "zod";
import { unqualified } from "../contract/arns.ts";

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);

/** What AWS takes of a zip in a call. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MOST_ZIP_BYTES = 52_428_800;

/** A function's code, and the bucket through which it goes; null: in the call itself. */
export interface CodePlace {
  readonly functionArn: string;
  readonly bucket: string | null;
}

/** The function's ARN, and the bucket behind it when there is one. */
export function codeId({ functionArn, bucket }: CodePlace): string {
  return bucket === null ? functionArn : `${functionArn}:${bucket}`;
}

export function readCodeId(id: string): CodePlace {
  const functionArn = unqualified(id);
  return { functionArn, bucket: id === functionArn ? null : id.slice(functionArn.length + 1) };
}

/** A zip on its way into a function. */
export interface StagedCode {
  readonly functionArn: string;
  readonly bucket: string;
  /** CodeSha256: in base64. */
  readonly sha256: string;
}

/** Function and content name the object, so that any machine finds it which has the code. */
export function stagedKey({ functionArn, sha256 }: StagedCode): string {
  return `${stagedFolder(functionArn)}${Buffer.from(sha256, "base64").toString("hex")}.zip`;
}

/** With what all keys of a function begin, whatever its code. */
export function stagedFolder(functionArn: string): string {
  const [, , , , account = "", , name = ""] = functionArn.split(":");
  return `unplug/${account}/${name}/`;
}

/** Bucket and key, as people read them. */
export function stagedPath(staged: StagedCode): string {
  return `s3://${staged.bucket}/${stagedKey(staged)}`;
}

/** The function's ARN, and bucket and key behind it. */
export function stagedId(staged: StagedCode): string {
  return `${staged.functionArn}:${staged.bucket}/${stagedKey(staged)}`;
}

export function readStagedId(id: string): StagedCode & { readonly key: string } {
  const functionArn = unqualified(id);
  const [bucket = "", ...parts] = id.slice(functionArn.length + 1).split("/");
  const hex = parts.at(-1)?.replace(/\.zip$/, "") ?? "";
  const sha256 = Buffer.from(hex, "hex").toString("base64");
  return { functionArn, bucket, key: parts.join("/"), sha256 };
}
