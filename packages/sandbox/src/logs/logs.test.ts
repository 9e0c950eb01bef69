import { describe, expect, it } from "vitest";
import { startOfTest, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { isRecord } from "../input.ts";
import { filterPattern } from "./filter-pattern.ts";

const group = "/aws/lambda/f";
const place = { region: "us-east-1", group, stream: "s" };

function withLines(lines: readonly string[]): VirtualCloud {
  const virtual = virtualCloud();
  for (const [n, line] of lines.entries()) {
    virtual.cloud.logs.append({ ...place, stream: `stream-${n % 2}` }, startOfTest + n * 1000, line);
  }
  return virtual;
}

function messages(answer: Record<string, unknown>): unknown[] {
  const { events } = answer;
  return Array.isArray(events)
    ? events.map((event: unknown) => (isRecord(event) ? event["message"] : null))
    : [];
}

describe("log events", () => {
  it("come in the order of their time over all streams", async () => {
    const virtual = withLines(["a", "b", "c"]);
    const answer = await virtual.call("logs:FilterLogEvents", { logGroupName: group });
    expect(messages(answer)).toEqual(["a", "b", "c"]);
  });

  it("are cut by time and by pages", async () => {
    const virtual = withLines(["a", "b", "c", "d"]);
    const input = { logGroupName: group, startTime: startOfTest + 1000, limit: 2 };
    const first = await virtual.call("logs:FilterLogEvents", input);
    expect(messages(first)).toEqual(["b", "c"]);
    const second = await virtual.call("logs:FilterLogEvents", { ...input, nextToken: first["nextToken"] });
    expect(messages(second)).toEqual(["d"]);
    expect(second).not.toHaveProperty("nextToken");
  });

  it("of one stream are read from its head or its tail", async () => {
    const virtual = withLines(["a", "b", "c", "d", "e"]);
    const input = { logGroupName: group, logStreamName: "stream-0", limit: 2 };
    expect(messages(await virtual.call("logs:GetLogEvents", input))).toEqual(["c", "e"]);
    const head = await virtual.call("logs:GetLogEvents", { ...input, startFromHead: true });
    expect(messages(head)).toEqual(["a", "c"]);
    const next = await virtual.call("logs:GetLogEvents", { ...input, nextToken: head["nextForwardToken"] });
    expect(messages(next)).toEqual(["e"]);
  });

  it("are refused for a group that is not there", async () => {
    const attempt = virtualCloud().call("logs:FilterLogEvents", { logGroupName: "none" });
    await expect(attempt).rejects.toMatchObject({ code: "ResourceNotFoundException", status: 400 });
  });

  it("are bounded in number", () => {
    const virtual = virtualCloud();
    for (let n = 0; n < 60_000; n++) virtual.cloud.logs.append(place, startOfTest + n, `line ${n}`);
    const events = virtual.cloud.logs.find("us-east-1", group)?.events ?? [];
    expect(events.length).toBeLessThanOrEqual(55_000);
    expect(events.at(-1)?.message).toBe("line 59999");
  });

  it("are bounded in size, and their streams with them", () => {
    const { logs } = virtualCloud().cloud;
    const line = "x".repeat(1_000_000);
    for (let n = 0; n < 200; n++) logs.append({ ...place, stream: `stream-${n}` }, startOfTest + n, line);
    const { events, streams } = logs.find("us-east-1", group) ?? { events: [], streams: new Map() };
    expect(events.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThanOrEqual(67_108_864);
    expect(events.length).toBeGreaterThan(50);
    expect([...streams.keys()]).toEqual(events.map(({ stream }) => stream));
    expect(events.at(-1)?.stream).toBe("stream-199");
  });
});

describe("groups and streams", () => {
  it("are listed with what they hold", async () => {
    const virtual = withLines(["a", "b", "c"]);
    await virtual.call("logs:CreateLogGroup", { logGroupName: "/aws/lambda/g" });
    const { logGroups } = await virtual.call("logs:DescribeLogGroups", {
      logGroupNamePrefix: "/aws/lambda/",
    });
    expect(logGroups).toMatchObject([
      { logGroupName: group, storedBytes: 3 },
      { logGroupName: "/aws/lambda/g" },
    ]);
    const input = { logGroupName: group, orderBy: "LastEventTime", descending: true, limit: 1 };
    const { logStreams } = await virtual.call("logs:DescribeLogStreams", input);
    expect(logStreams).toMatchObject([{ logStreamName: "stream-0", lastEventTimestamp: startOfTest + 2000 }]);
    const again = virtual.call("logs:CreateLogGroup", { logGroupName: group });
    await expect(again).rejects.toMatchObject({ code: "ResourceAlreadyExistsException" });
  });
});

describe("a filter pattern", () => {
  it.each([
    ["", "anything", true],
    ["ERROR", "an ERROR here", true],
    ["ERROR", "an error here", false],
    ["ERROR timeout", "timeout after ERROR", true],
    ["ERROR timeout", "ERROR only", false],
    ['"timed out"', "Task timed out after 3 s", true],
    ['"timed out"', "out timed", false],
    ["?ERROR ?WARN", "a WARN", true],
    ["?ERROR ?WARN", "an INFO", false],
    ["ERROR -ignore", "ERROR ignore this", false],
  ])("%j matches %j: %s", (pattern, message, expected) => {
    expect(filterPattern(pattern)(message)).toBe(expected);
  });

  it("on JSON is refused", () => {
    expect(() => filterPattern('{ $.level = "x" }')).toThrow(/not supported/);
  });
});
