import { ApiError } from "../api-error.ts";
import { isRecord } from "../input.ts";
import type { HttpAnswer, HttpRequest } from "./http-answer.ts";
import { formTree, sqsFormInput } from "./query-input.ts";
import { element, type MemberRule, xmlMember, xmlMembers } from "./xml.ts";

export type QueryService = "sqs" | "sts" | "iam" | "cloudwatch";

const namespaces: Readonly<Record<QueryService, string>> = {
  sqs: "http://queue.amazonaws.com/doc/2012-11-05/",
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
  iam: "https://iam.amazonaws.com/doc/2010-05-08/",
  cloudwatch: "http://monitoring.amazonaws.com/doc/2010-08-01/",
};

const versions: Readonly<Record<string, QueryService>> = {
  "2012-11-05": "sqs",
  "2011-06-15": "sts",
  "2010-05-08": "iam",
  "2010-08-01": "cloudwatch",
};

/** A request of the query protocol, read. */
export interface QueryCall {
  readonly service: QueryService;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  /** Whether one queue is asked for what no queue does by itself. */
  readonly isMisplaced: boolean;
}

const notOfQueues = new Set(["CreateQueue", "ListQueues"]);

function serviceOf(form: URLSearchParams, scope: string | null): QueryService | undefined {
  const version = form.get("Version") ?? "";
  if (Object.hasOwn(versions, version)) return versions[version];
  if (scope === "monitoring") return "cloudwatch";
  return scope === "sqs" || scope === "sts" || scope === "iam" ? scope : undefined;
}

/**
 * Bytes beyond ASCII may stand in a form as they are, and mean what they mean percent-encoded: URLSearchParams takes quadratic time for
 * a text that has any.
 */
function readForm(body: Buffer): URLSearchParams {
  const escaped = body
    .toString("latin1")
    .replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  return new URLSearchParams(escaped);
}

/** Reads a request with a form or a query that names an Action; undefined when it is none. */
export function readQueryCall(request: HttpRequest, scope: string | null): QueryCall | undefined {
  const url = new URL(request.target, "http://localhost");
  const form = request.method === "POST" ? readForm(request.body) : url.searchParams;
  const operation = form.get("Action");
  const service = serviceOf(form, scope);
  if (operation === null || service === undefined) return undefined;
  form.delete("Action");
  form.delete("Version");
  const tree = formTree(form);
  if (service !== "sqs") return { service, operation, input: tree, isMisplaced: false };
  const input = sqsFormInput(tree);
  const isAtQueue = url.pathname.length > 1;
  if (input["QueueUrl"] === undefined && isAtQueue) input["QueueUrl"] = url.pathname;
  return { service, operation, input, isMisplaced: isAtQueue && notOfQueues.has(operation) };
}

const usual: MemberRule = () => null;

function flatMap(name: string, key: string, map: Record<string, unknown>, rule: MemberRule): string {
  return Object.entries(map)
    .map(([entry, value]) => element(name, xmlMember(key, entry, usual) + xmlMember("Value", value, rule)))
    .join("");
}

/** SQS writes its lists and maps flat. Source: the query answers of SQS, API version 2012-11-05. */
function sqsRule(operation: string): MemberRule {
  const lists: Readonly<Record<string, string>> = {
    QueueUrls: "QueueUrl",
    queueUrls: "QueueUrl",
    Messages: "Message",
    Successful: `${operation}ResultEntry`,
    Failed: "BatchResultErrorEntry",
  };
  const maps: Readonly<Record<string, readonly [string, string]>> = {
    Attributes: ["Attribute", "Name"],
    MessageAttributes: ["MessageAttribute", "Name"],
    Tags: ["Tag", "Key"],
  };
  const rule: MemberRule = (name, value) => {
    const list = lists[name];
    if (list !== undefined && Array.isArray(value)) {
      return value.map((item: unknown) => xmlMember(list, item, rule)).join("");
    }
    const map = maps[name];
    if (map !== undefined && isRecord(value)) return flatMap(map[0], map[1], value, rule);
    return null;
  };
  return rule;
}

function xmlAnswer(status: number, xml: string): HttpAnswer {
  const body = Buffer.from(`<?xml version="1.0"?>\n${xml}`);
  return { status, headers: { "content-type": "text/xml" }, body };
}

/** Operations whose answer has no result. */
const resultless: Readonly<Partial<Record<QueryService, RegExp>>> = {
  iam: /^(Delete|Put|Attach|Detach|Update|Add|Remove)/,
};

/** Writes the output of an operation. */
export function queryAnswer(call: QueryCall, output: unknown, requestId: string): HttpAnswer {
  const { service, operation } = call;
  const rule = service === "sqs" ? sqsRule(operation) : usual;
  const members = isRecord(output) ? xmlMembers(output, rule) : "";
  const answersNothing =
    /^(Delete(Message|Queue)|PurgeQueue|SetQueueAttributes|ChangeMessageVisibility|(Unt|T)agQueue|(Add|Remove)Permission|PutMetric(Alarm|Data)|SetAlarmState|DeleteAlarms)$/;
  const result = (resultless[service] ?? answersNothing).test(operation)
    ? ""
    : members === ""
      ? `<${operation}Result/>`
      : element(`${operation}Result`, members);
  const metadata = element("ResponseMetadata", element("RequestId", requestId));
  return xmlAnswer(
    200,
    `<${operation}Response xmlns="${namespaces[service]}">${result}${metadata}</${operation}Response>`,
  );
}

const queryCodes: Readonly<Record<string, string>> = {
  AccessDeniedException: "AccessDenied",
  ExpiredTokenException: "ExpiredToken",
  InvalidSignatureException: "SignatureDoesNotMatch",
  UnrecognizedClientException: "InvalidClientTokenId",
  ThrottlingException: "Throttling",
  UnknownOperationException: "InvalidAction",
};

/** What is thrown for a call that is misplaced. */
export function misplaced({ operation }: QueryCall): ApiError {
  return new ApiError(400, "UnknownOperationException", `${operation} is not asked of a queue.`, {
    type: null,
  });
}

/** Words that differ from those of the JSON protocol. Source: recorded query answers of SQS. */
function sqsWords(error: ApiError, operation: string): string {
  if (error.code === "QueueDoesNotExist") return "The specified queue does not exist for this wsdl version.";
  if (error.code === "UnknownOperationException") {
    return `The action ${operation} is not valid for this endpoint.`;
  }
  return error.message;
}

/** Writes an error of the query protocol. */
export function queryError(
  { service, operation }: Pick<QueryCall, "service" | "operation">,
  error: ApiError,
  requestId: string,
): HttpAnswer {
  const members = {
    Type: error.status >= 500 ? "Receiver" : "Sender",
    Code: queryCodes[error.code] ?? error.queryCode,
    Message: service === "sqs" ? sqsWords(error, operation) : error.message,
  };
  const detail = service === "sqs" ? "<Detail/>" : "";
  const inner = element("Error", xmlMembers(members, usual) + detail) + element("RequestId", requestId);
  return xmlAnswer(error.status, `<ErrorResponse xmlns="${namespaces[service]}">${inner}</ErrorResponse>`);
}

/** What SQS answers to a request for a queue without an action. */
export function noActionAnswer(): HttpAnswer {
  return xmlAnswer(404, "<UnknownOperationException/>");
}
