import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { blob, type Input, isRecord, needText, record, text } from "../input.ts";
import type { FunctionStore, StoredFunction } from "./function-store.ts";
import type { FunctionUrl } from "./function-urls.ts";
import { failedAnswer, type UrlAnswer, urlAnswer, urlEvent } from "./url-events.ts";

interface Parts {
  readonly functions: FunctionStore;
  readonly invocations: Handlers;
}

interface Target {
  readonly stored: StoredFunction;
  /** Null: $LATEST. */
  readonly alias: string | null;
  readonly url: FunctionUrl;
}

const guide = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

function denied(Message: string | null): UrlAnswer {
  return {
    status: 403,
    headers: { "content-type": "application/json", "x-amzn-ErrorType": "AccessDeniedException" },
    cookies: [],
    body: Buffer.from(JSON.stringify({ Message })),
  };
}

function find({ functions }: Parts, domain: string, context: CallContext): Target | undefined {
  const id = `https://${domain.split(".", 1)[0]}.`;
  for (const stored of functions.of(context)) {
    for (const [key, url] of stored.urls) {
      if (url.url.startsWith(id)) return { stored, alias: key === "" ? null : key, url };
    }
  }
  return undefined;
}

/** Whether everybody may call: a URL without authentication needs a policy that says so. */
function isOpen({ stored, alias }: Target): boolean {
  const policy = stored.policies.get(alias ?? "");
  return [...(policy?.statements.values() ?? [])].some(
    (one) =>
      one["Effect"] === "Allow" && one["Principal"] === "*" && one["Action"] === "lambda:InvokeFunctionUrl",
  );
}

function mayCall(target: Target, context: CallContext): boolean {
  return target.url.authType === "NONE" ? isOpen(target) : context.caller.accessKey !== undefined;
}

async function answer(parts: Parts, input: Input, context: CallContext): Promise<UrlAnswer> {
  const domain = needText(input, "Domain");
  const target = find(parts, domain, context);
  if (target === undefined) return denied(null);
  if (!mayCall(target, context)) {
    return denied(`Forbidden. For troubleshooting Function URL authorization issues, see: ${guide}`);
  }
  const headers = record(input, "Headers") ?? {};
  const request = {
    method: needText(input, "Method"),
    target: needText(input, "Target"),
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    ),
    body: blob(input, "Body") ?? Buffer.alloc(0),
    sourceIp: text(input, "SourceIp") ?? "127.0.0.1",
  };
  const event = urlEvent(request, { domain, requestId: context.requestId, now: context.now });
  try {
    const given = await parts.invocations["Invoke"]?.(
      {
        FunctionName: target.stored.name,
        Qualifier: target.alias ?? undefined,
        Payload: Buffer.from(JSON.stringify(event)),
      },
      context,
    );
    const output = isRecord(given) ? given : {};
    if (output["FunctionError"] !== undefined) return failedAnswer();
    const payload = output["Payload"];
    return Buffer.isBuffer(payload) ? urlAnswer(payload) : failedAnswer();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 429) throw error;
    return { ...failedAnswer(), status: 429, body: Buffer.from(JSON.stringify({ Message: error.message })) };
  }
}

/** Calls that come in at the URLs of functions; on AWS they are no operation of the API. */
export function urlInvocationHandlers(parts: Parts): Handlers {
  return { InvokeFunctionUrl: (input, context) => answer(parts, input, context) };
}
