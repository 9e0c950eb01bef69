import { createHash } from "node:crypto";
import { type Architecture, interceptorFor } from "@unplug/interceptor";
import { appendToZip } from "../zip/index.ts";
import { layerName } from "./our-names.ts";

export interface InterceptorLayer {
  readonly name: string;
  readonly zip: Uint8Array;
  /** Of the zip, in base64, as AWS has it. */
  readonly codeSha256: string;
}

const EMPTY_ZIP = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

/** The layer that brings the interceptor; the same bytes from every machine. */
export async function interceptorLayer(architecture: Architecture): Promise<InterceptorLayer> {
  const { bytes, sha256 } = interceptorFor(architecture);
  const files = [{ name: "unplug/interceptor.so", content: bytes, mode: 0o755 }];
  const made = await appendToZip(EMPTY_ZIP, { folder: "unplug/", files });
  if ("problem" in made) throw new Error(made.problem.text);
  return { name: layerName(architecture, sha256), zip: made.zip, codeSha256: sha256Of(made.zip) };
}

/** SHA-256 in base64: the form of CodeSha256. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}
