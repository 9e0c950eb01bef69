import { actionFacts } from "../contract/actions.ts";
import { unqualified } from "../contract/arns.ts";
import type { Edit } from "../contract/edit.ts";
import { isRecord, type Json } from "../contract/json.ts";
import { Refusal } from "../contract/refusal.ts";
import { awsCliLine, whereOf } from "./aws-cli-line.ts";
import { type ResourceTable, resourceFor } from "./readings.ts";
import { callsOf, type RecordedCall } from "./recorder.ts";

/** What takes an edit out by hand; a note is of the call behind it, and where there is nothing to call the text says why. */
export type UndoStep = Words<"note"> | Words<"nothing"> | Call | Giving | Deleting | Untagging;

interface Words<D extends string> {
  readonly does: D;
  /** One line. */
  readonly text: string;
}

interface Call {
  readonly does: "call";
  /** For the stock AWS CLI. */
  readonly line: string;
  /** The options that name the function that is updated; null: none is. */
  readonly updates: string | null;
}

/** A function is given its own code or image again, which depends on what is there then. */
export interface Giving {
  readonly does: "give";
  readonly functionArn: string;
  /** What the run gave it, as CodeSha256 tells it. */
  readonly ours: string;
  /** What it had before. */
  readonly own: string;
  /** Null: it is code, which the journal does not hold, in a zip that cannot be made by the AWS CLI. */
  readonly from: OwnImage | Staged | null;
  /** Options that say where the calls go. */
  readonly where: string;
}

/** AWS chose the number of a version of ours. */
export interface Deleting {
  readonly does: "delete";
  readonly functionArn: string;
  /** Of the version, and of no other. */
  readonly description: string;
  readonly where: string;
  /** For the stock AWS CLI, with words in place of the number. */
  readonly line: string;
}

/** The tag of an image of ours is taken away, unless it means another, or somebody else has the image. */
export interface Untagging {
  readonly does: "untag";
  readonly functionArn: string;
  /** The image, as CodeSha256 tells it. */
  readonly ours: string;
  readonly registryId: string;
  readonly repositoryName: string;
  readonly tag: string;
  readonly where: string;
  readonly line: string;
}

/** The own code, in a bucket. */
interface Staged {
  readonly kind: "staged";
  readonly bucket: string;
  readonly key: string;
}

interface OwnImage {
  readonly kind: "image";
  /** `REPOSITORY@DIGEST`. */
  readonly uri: string;
  /** The name that it had in the function; null: it had none. */
  readonly tag: string | null;
  readonly registryId: string;
  readonly repositoryName: string;
}

/** In the order in which they are done. */
export async function undoSteps(edit: Edit, table: ResourceTable): Promise<readonly UndoStep[]> {
  const calls = await callsOf(resourceFor(table, edit.ref.kind), edit, "restore").catch(refusalOf);
  if (typeof calls === "string") return [{ does: "nothing", text: calls }];
  return calls
    .filter(({ action }) => actionFacts[action].write && !action.startsWith("registry:"))
    .flatMap((call) => stepsOf(call, calls, edit));
}

/** What no restore takes out either, and tells instead. */
function refusalOf(error: unknown): string {
  if (error instanceof Refusal) return error.message.replaceAll("\n", " ");
  throw error;
}

/**
 * The same as lines for people, for the day when Unplug itself is gone: calls of the plain AWS CLI, and comments where
 * one is not enough.
 */
export async function undoLines(
  edits: readonly Edit[],
  { run, table }: { readonly run: string; readonly table: ResourceTable },
): Promise<readonly string[]> {
  const steps = await Promise.all(edits.map((edit) => undoSteps(edit, table)));
  return steps.flat().flatMap((step) => {
    if (step.does === "note" || step.does === "nothing") return [`# ${step.text}`];
    return step.does === "give" ? givingLines(step, run) : [step.line];
  });
}

function givingLines({ functionArn, from, where }: Giving, run: string): readonly string[] {
  const update = `aws lambda update-function-code --function-name ${functionArn}`;
  if (from === null) {
    return [
      `# The own code of ${functionArn} has to be cut out of the zip, which no line of the AWS CLI does: unplug restore ${run} does. What is in it is inert.`,
    ];
  }
  if (from.kind === "staged") return [`${update} --s3-bucket ${from.bucket} --s3-key ${from.key} ${where}`];
  const { uri, tag } = from;
  const [repository = "", digest = ""] = uri.split("@");
  const named =
    tag === null
      ? []
      : [`# While ${repository}:${tag} means ${digest}, it is the name to give in the next line.`];
  return [...named, `${update} --image-uri ${uri} ${where}`];
}

function stepsOf(
  call: RecordedCall,
  calls: readonly RecordedCall[],
  { ref, before, after }: Edit,
): readonly UndoStep[] {
  const { action } = call;
  const about = { functionArn: unqualified(ref.id), where: whereOf(ref.place) };
  const ours = codeSha256Of(after);
  if (action === "lambda:UpdateFunctionCode")
    return [{ does: "give", ...about, ours, own: codeSha256Of(before), from: sourceOf(call, calls) }];
  const line = awsCliLine(call, ref.place);
  if (action === "ecr:BatchDeleteImage") return [{ does: "untag", ...about, ours, line, ...imageOf(call) }];
  const description = isRecord(after) ? after["description"] : null;
  if (action === "lambda:DeleteVersion" && typeof description === "string")
    return [{ does: "delete", ...about, description, line }];
  const step = { does: "call", line, updates: updatedBy(call, about) } as const;
  return line.includes("<as it is>") ? [{ does: "note", text: HIDDEN }, step] : [step];
}

const HIDDEN =
  "In the next line put name and value of your own variables, which are kept nowhere, for <NAME> and <as it is>; AWS refuses it as it stands.";

/** AWS changes one thing of a function at a time, and refuses the next until it is done. */
function updatedBy({ action }: RecordedCall, { functionArn, where }: Pick<Giving, "functionArn" | "where">) {
  return action === "lambda:UpdateFunctionConfiguration" ? `--function-name ${functionArn} ${where}` : null;
}

function imageOf({ input }: RecordedCall): Pick<Untagging, "registryId" | "repositoryName" | "tag"> {
  const { registryId, repositoryName, imageIds } = input;
  const tag: unknown = Array.isArray(imageIds) ? Object(imageIds[0]).imageTag : "";
  return { registryId: String(registryId), repositoryName: String(repositoryName), tag: String(tag) };
}

/** Where a function's own code or image is to be had. */
function sourceOf({ input }: RecordedCall, calls: readonly RecordedCall[]): OwnImage | Staged | null {
  const { ImageUri, S3Bucket, S3Key } = input;
  if (typeof ImageUri === "string") return ownImage(ImageUri, calls);
  if (typeof S3Bucket !== "string" || typeof S3Key !== "string") return null;
  return { kind: "staged", bucket: S3Bucket, key: S3Key };
}

/** What a registry is asked for before tells by which name the image goes back. */
function ownImage(uri: string, calls: readonly RecordedCall[]): OwnImage {
  const asked = calls.filter(({ action }) => action === "registry:GetManifest").map(({ input }) => input);
  const { registryId = "", repositoryName = "" } = asked[0] ?? {};
  const tag = asked.map(({ reference }) => String(reference)).find((name) => !name.startsWith("sha256:"));
  return {
    kind: "image",
    uri,
    tag: tag ?? null,
    registryId: String(registryId),
    repositoryName: String(repositoryName),
  };
}

/** Of a zip in base64, of an image its digest in hexadecimal. */
function codeSha256Of(state: Json | null): string {
  if (!isRecord(state)) return "";
  const { sha256, image } = state;
  if (typeof sha256 === "string") return sha256;
  return /@sha256:([0-9a-f]{64})$/.exec(typeof image === "string" ? image : "")?.[1] ?? "";
}
