import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { flag, type Input, needText, numeric, text, texts } from "../input.ts";
import { filterPattern } from "./filter-pattern.ts";
import type { LogEvent, LogGroup, LogStore } from "./log-store.ts";

interface Parts {
  readonly logs: LogStore;
}

function groupName(input: Input): string {
  const identifier = text(input, "logGroupIdentifier");
  if (identifier === undefined) return needText(input, "logGroupName");
  return identifier.startsWith("arn:")
    ? identifier.split(":").slice(6).join(":").replace(/:\*$/, "")
    : identifier;
}

function groupOf(parts: Parts, input: Input, context: CallContext): LogGroup {
  const group = parts.logs.find(context.region, groupName(input));
  if (group !== undefined) return group;
  throw new ApiError(400, "ResourceNotFoundException", "The specified log group does not exist.", {
    type: null,
  });
}

function groupArn(context: CallContext, name: string): string {
  return `arn:aws:logs:${context.region}:${context.account}:log-group:${name}`;
}

function tokenNumber(token: string | undefined): number {
  const read = token === undefined ? 0 : Number(token.split("/").at(-1));
  if (Number.isInteger(read) && read >= 0) return read;
  throw new ApiError(400, "InvalidParameterException", "The specified nextToken is invalid.", { type: null });
}

function limitOf(input: Input): number {
  const limit = numeric(input, "limit") ?? 10_000;
  if (limit >= 1 && limit <= 10_000) return limit;
  throw new ApiError(400, "InvalidParameterException", `limit must be from 1 to 10000, not ${limit}.`, {
    type: null,
  });
}

function byTime(a: LogEvent, b: LogEvent): number {
  return a.at - b.at || a.sequence - b.sequence;
}

function filter(parts: Parts, input: Input, context: CallContext): unknown {
  const group = groupOf(parts, input, context);
  const from = numeric(input, "startTime") ?? 0;
  const to = numeric(input, "endTime") ?? Number.POSITIVE_INFINITY;
  const matches = filterPattern(text(input, "filterPattern") ?? "");
  const streams = texts(input, "logStreamNames");
  const prefix = text(input, "logStreamNamePrefix") ?? "";
  const limit = limitOf(input);
  const skip = tokenNumber(text(input, "nextToken"));
  const found = group.events
    .filter((event) => event.at >= from && event.at <= to)
    .filter((event) => event.stream.startsWith(prefix) && (streams?.includes(event.stream) ?? true))
    .filter((event) => matches(event.message))
    .sort(byTime);
  const page = found.slice(skip, skip + limit);
  return {
    events: page.map((event) => ({
      logStreamName: event.stream,
      timestamp: event.at,
      message: event.message,
      ingestionTime: event.ingestedAt,
      eventId: String(event.sequence).padStart(56, "0"),
    })),
    searchedLogStreams: [],
    ...(skip + limit < found.length ? { nextToken: `f/${skip + limit}` } : {}),
  };
}

function getEvents(parts: Parts, input: Input, context: CallContext): unknown {
  const group = groupOf(parts, input, context);
  const stream = needText(input, "logStreamName");
  if (!group.streams.has(stream)) {
    throw new ApiError(400, "ResourceNotFoundException", "The specified log stream does not exist.", {
      type: null,
    });
  }
  const from = numeric(input, "startTime") ?? 0;
  const to = numeric(input, "endTime") ?? Number.POSITIVE_INFINITY;
  const found = group.events
    .filter((event) => event.stream === stream && event.at >= from && event.at < to)
    .sort(byTime);
  const limit = limitOf(input);
  const token = text(input, "nextToken");
  const fromHead = flag(input, "startFromHead") ?? false;
  const at = token === undefined ? (fromHead ? 0 : Math.max(0, found.length - limit)) : tokenNumber(token);
  const start = token?.startsWith("b/") ? Math.max(0, at - limit) : at;
  const end = token?.startsWith("b/") ? at : Math.min(found.length, at + limit);
  return {
    events: found
      .slice(start, end)
      .map((event) => ({ timestamp: event.at, message: event.message, ingestionTime: event.ingestedAt })),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
}

function describeStreams(parts: Parts, input: Input, context: CallContext): unknown {
  const group = groupOf(parts, input, context);
  const prefix = text(input, "logStreamNamePrefix") ?? "";
  const byLast = text(input, "orderBy") === "LastEventTime";
  const skip = tokenNumber(text(input, "nextToken"));
  const limit = Math.min(50, numeric(input, "limit") ?? 50);
  const found = [...group.streams.values()]
    .filter((stream) => stream.name.startsWith(prefix))
    .sort((a, b) => (byLast ? (a.lastAt ?? 0) - (b.lastAt ?? 0) : a.name < b.name ? -1 : 1));
  if (flag(input, "descending")) found.reverse();
  return {
    logStreams: found.slice(skip, skip + limit).map((stream) => ({
      logStreamName: stream.name,
      creationTime: stream.createdAt,
      ...(stream.firstAt === null ? {} : { firstEventTimestamp: stream.firstAt }),
      ...(stream.lastAt === null ? {} : { lastEventTimestamp: stream.lastAt }),
      ...(stream.lastIngestedAt === null ? {} : { lastIngestionTime: stream.lastIngestedAt }),
      arn: `${groupArn(context, group.name)}:log-stream:${stream.name}`,
      storedBytes: 0,
    })),
    ...(skip + limit < found.length ? { nextToken: `f/${skip + limit}` } : {}),
  };
}

function describeGroups(parts: Parts, input: Input, context: CallContext): unknown {
  const prefix = text(input, "logGroupNamePrefix") ?? "";
  const pattern = (text(input, "logGroupNamePattern") ?? "").toLowerCase();
  const skip = tokenNumber(text(input, "nextToken"));
  const limit = Math.min(50, numeric(input, "limit") ?? 50);
  const found = parts.logs
    .groups(context.region)
    .filter((group) => group.name.startsWith(prefix) && group.name.toLowerCase().includes(pattern));
  return {
    logGroups: found.slice(skip, skip + limit).map((group) => ({
      logGroupName: group.name,
      creationTime: group.createdAt,
      metricFilterCount: 0,
      arn: `${groupArn(context, group.name)}:*`,
      logGroupArn: groupArn(context, group.name),
      storedBytes: group.bytes,
      logGroupClass: "STANDARD",
    })),
    ...(skip + limit < found.length ? { nextToken: `f/${skip + limit}` } : {}),
  };
}

/** CloudWatch Logs, as far as reading the logs of functions needs it. */
export function logHandlers(parts: Parts): Handlers {
  return {
    FilterLogEvents: (input, context) => filter(parts, input, context),
    GetLogEvents: (input, context) => getEvents(parts, input, context),
    DescribeLogStreams: (input, context) => describeStreams(parts, input, context),
    DescribeLogGroups: (input, context) => describeGroups(parts, input, context),
    CreateLogGroup: (input, context) => {
      const name = needText(input, "logGroupName");
      if (!parts.logs.create(context.region, name)) {
        throw new ApiError(400, "ResourceAlreadyExistsException", "The specified log group already exists", {
          type: null,
        });
      }
      return {};
    },
  };
}
