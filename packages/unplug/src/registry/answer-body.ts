import { createHash } from "node:crypto";
import type { Answer } from "./exchange.ts";
import { isDigest } from "./names.ts";
import { RegistryError, unreadable } from "./registry-error.ts";

const PROBLEM_BYTES = 65_536;
const FIRST_BYTES = 65_536;

/** The whole body, which must not be longer than `most`. Throws RegistryError. */
export async function wholeBody(answer: Answer, most: number, about: string): Promise<Buffer> {
  const told = Number(answer.headers["content-length"] ?? 0);
  if (told > most) {
    answer.leave();
    throw tooLarge(about, told, most);
  }
  // One buffer: of a body in pieces of a byte each, the pieces would take a hundred times what they bring.
  let bytes = Buffer.alloc(Math.min(most, FIRST_BYTES));
  let length = 0;
  for await (const chunk of answer.body) {
    const longer = length + chunk.length;
    if (longer > most) throw tooLarge(about, longer, most);
    if (longer > bytes.length) {
      bytes = Buffer.concat([bytes], Math.min(most, Math.max(longer, 2 * bytes.length)));
    }
    bytes.set(chunk, length);
    length = longer;
  }
  return bytes.subarray(0, length);
}

function tooLarge(about: string, length: number, most: number): RegistryError {
  return unreadable(
    `The registry ${about}: it answered ${length} bytes or more, and no more than ${most} are taken. This is not what was asked for.`,
    null,
    "TooLarge",
  );
}

/** The digest of bytes, as registries write it. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Refuses what the registry says that it stored or sent where that is not `digest`. */
export function checkToldDigest(answer: Answer, digest: string, about: string): void {
  const told = answer.headers["docker-content-digest"];
  if (typeof told !== "string" || !isDigest(told) || told === digest) return;
  throw unreadable(
    `The registry ${about}: it names the digest ${told}, and ${digest} was expected. Something in between changes what is stored.`,
    answer.status,
    "WrongDigest",
  );
}

/** The failure that an answer with an unwanted status is. */
export async function problemOf(
  answer: Answer,
  { about, method }: { readonly about: string; readonly method: string },
): Promise<RegistryError> {
  const { status } = answer;
  // An answer to HEAD has nothing but its status.
  const bare = method === "HEAD" ? { code: plainCode(status), message: "" } : null;
  const body = bare === null ? await wholeBody(answer, PROBLEM_BYTES, about).catch(() => NOTHING) : NOTHING;
  const told = bare ?? registryProblem(body) ?? (status === 403 ? spentToken(body) : null);
  answer.leave();
  if (told === null) {
    return unreadable(
      `The registry ${about}: it answered HTTP ${status}, and not as a registry does. Is there a proxy in between?`,
      status,
      // Whoever answers a page of theirs has not asked what is permitted.
      status === 403 ? "Unreadable" : plainCode(status),
    );
  }
  const outcome = status >= 400 && status < 500 ? "refused" : "unknown";
  const message = `The registry ${about}: it answered HTTP ${status}, ${told.code}${told.message === "" ? "" : `: ${told.message}`}.`;
  return new RegistryError(message, { code: told.code, status, outcome, said: told.message });
}

const NOTHING = Buffer.alloc(0);

/** Statuses that mean the same from whomever they come. */
function plainCode(status: number): string {
  if (status === 429) return "TOOMANYREQUESTS";
  if (status === 403) return "DENIED";
  return status === 401 ? "UNAUTHORIZED" : "Unreadable";
}

/** Source: the distribution specification, "Error codes". */
function registryProblem(body: Buffer): { readonly code: string; readonly message: string } | null {
  try {
    const first: unknown = JSON.parse(body.toString("utf8"))?.errors?.[0];
    if (typeof first !== "object" || first === null) return null;
    const code: unknown = Reflect.get(first, "code");
    const message: unknown = Reflect.get(first, "message");
    if (typeof code !== "string" || !/^[A-Za-z_]{1,60}$/.test(code)) return null;
    return { code, message: typeof message === "string" ? oneLine(message) : "" };
  } catch {
    return null;
  }
}

/** Older answers of ECR to a token that has ended are bare words, also as JSON. Source: deis/builder#426. */
function spentToken(body: Buffer): { readonly code: string; readonly message: string } | null {
  const message = oneLine(body.subarray(0, 1000).toString("utf8")).replace(/^"|"$/g, "");
  return /^your authorization token has expired\b/i.test(message) ? { code: "DENIED", message } : null;
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, " ")
    .slice(0, 300)
    .replace(/[. ]+$/, "");
}
