import * as z from "zod";
import type { Answer } from "./customers.ts";
import type { Database } from "./database.ts";
import { makeFunction, readLog, type Surroundings } from "./make-function.ts";

export const FUNCTION_NAME = "checkout";

/** As its owner sees it: nothing here knows Unplug but the pattern of its lines in the log. */
export interface CheckoutFunction {
  checkOut(order: string): Promise<Answer>;
  /** Its whole configuration as AWS tells it, save RevisionId and LastModified, which every update changes. */
  configuration(): Promise<Readonly<Record<string, unknown>>>;
  /** When its log says that a connect was blocked; milliseconds since 1970, in order of time. */
  blockedAt(): Promise<readonly number[]>;
}

/** Puts it into the sandbox and waits until it can be invoked. */
export async function openCheckout(
  around: Surroundings,
  { host, port }: Database,
  timeoutSeconds: number,
): Promise<CheckoutFunction> {
  await makeFunction(around, {
    name: FUNCTION_NAME,
    code: new URL("./checkout.mjs", import.meta.url),
    Timeout: timeoutSeconds,
    Architectures: [process.arch === "arm64" ? "arm64" : "x86_64"],
    Environment: { Variables: { DATABASE_HOST: host, DATABASE_PORT: String(port) } },
  });
  return {
    checkOut: async (order) => {
      const Payload = Buffer.from(JSON.stringify({ order }));
      return answerOf(await around.call("lambda:Invoke", { FunctionName: FUNCTION_NAME, Payload }));
    },
    configuration: async () => {
      const found = await around.call("lambda:GetFunctionConfiguration", { FunctionName: FUNCTION_NAME });
      const { RevisionId: _, LastModified: __, ...rest } = z.record(z.string(), z.unknown()).parse(found);
      return rest;
    },
    blockedAt: async () => {
      const events = await readLog(around, FUNCTION_NAME, '"unplug: blocked"');
      return events.map(({ timestamp }) => timestamp);
    },
  };
}

const invoked = z.object({
  FunctionError: z.string().nullish(),
  Payload: z.unknown().transform((bytes) => String(bytes)),
});
const failure = z.object({ errorMessage: z.string() });

function answerOf(answer: unknown): Answer {
  const { FunctionError, Payload } = invoked.parse(answer);
  if (FunctionError == null) return { error: null, timedOut: false };
  const { errorMessage } = failure.parse(JSON.parse(Payload));
  return { error: errorMessage, timedOut: errorMessage.includes("Task timed out after") };
}
