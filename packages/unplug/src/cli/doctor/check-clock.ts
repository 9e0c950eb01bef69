import { partitionOf } from "../../contract/arns.ts";
import type { Finding } from "./diagnosis.ts";

/** Source: Signature Version 4 refuses requests whose time is more than 5 minutes off (IAM user guide, elements of a request signature). */
const REFUSED_MS = 300_000;
/** So much that markers and reports mislead. */
const WRONG_MS = 30_000;
const ANSWER_MS = 5_000;

/** The machine's clock against the Date of an answer of AWS, which needs no credentials. */
export async function checkClock(
  { region, endpoint }: { readonly region: string; readonly endpoint: string | null },
  now: () => number,
): Promise<readonly Finding[]> {
  const suffix = partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const url = endpoint ?? `https://lambda.${region}.${suffix}/`;
  const where: Finding =
    endpoint === null
      ? { subject: "endpoint", state: "good", text: `AWS's own, in ${region}` }
      : {
          subject: "endpoint",
          state: "note",
          text: `${endpoint}, in AWS's place (AWS_ENDPOINT_URL), region ${region}`,
        };
  try {
    const before = now();
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
    const middle = (before + now()) / 2;
    const date = Date.parse(answer.headers.get("date") ?? "");
    return [where, Number.isNaN(date) ? noDate(url) : skewOf(middle, date)];
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    const text = `${url} gives no answer (${why}), so that nothing is known of the clock`;
    return [
      where,
      {
        subject: "clock",
        state: "unknown",
        text,
        mend: "Look at the network, the proxy, and AWS_ENDPOINT_URL",
      },
    ];
  }
}

function noDate(url: string): Finding {
  return { subject: "clock", state: "unknown", text: `the answer of ${url} has no date` };
}

/** The date has whole seconds: half of one is added. */
function skewOf(middle: number, date: number): Finding {
  const skewMs = middle - (date + 500);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) < WRONG_MS) return { subject: "clock", state: "good", text: "within 30 s of AWS's" };
  const text = `this machine is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} AWS${Math.abs(skewMs) < REFUSED_MS ? "" : ", which refuses requests that are 5 minutes off"}`;
  const mend = "Set the clock: timedatectl set-ntp true";
  return { subject: "clock", state: Math.abs(skewMs) < REFUSED_MS ? "note" : "bad", text, mend };
}
