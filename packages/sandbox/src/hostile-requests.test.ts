import { Readable } from "node:stream";
import { describe, expect, it, test } from "vitest";
import { startOfTest, virtualCloud } from "./cloud-for-test.ts";
import { eventFilter } from "./event-filter.ts";
import { answerRequest } from "./http/answer-request.ts";
import { decodeAwsChunked } from "./http/aws-chunked.ts";
import { targetService } from "./http/json-targets.ts";
import { conditionsHold } from "./iam/conditions.ts";
import { textMap } from "./input.ts";
import { jsonComplaint } from "./lambda/json-complaint.ts";
import { urlEvent } from "./lambda/url-events.ts";
import { readExpression } from "./metrics/math-syntax.ts";
import { tarEntries } from "./runtime/tar-entries.ts";

describe("a body in chunks", () => {
  it("is put together", () => {
    const body = "5;chunk-signature=ab\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n";
    expect(decodeAwsChunked(Buffer.from(body)).toString()).toBe("hello0123456789");
  });

  it.each([
    "-6\r\n",
    "-4\r\nab",
    "5\r\nab",
    "x\r\n",
    "\r\n",
    "1e3\r\n",
    "fffffffff\r\n",
    "5",
    "0x5\r\nhello\r\n",
  ])("is refused where it does not go on: %j", (body) => {
    expect(() => decodeAwsChunked(Buffer.from(body))).toThrow("terminated unexpectedly");
  });
});

describe("what every object has is", () => {
  it("no operator of a filter, and no member of an event", () => {
    for (const operator of ["constructor", "toString", "__proto__"]) {
      const pattern = `{"a":[{"${operator}":"x"}]}`;
      expect(() => eventFilter([pattern]), operator).toThrow("is not known");
    }
    expect(() => eventFilter(['{"a":[{"numeric":["constructor",1]}]}'])).toThrow("is not known");
    expect(eventFilter(['{"constructor":[{"exists":true}]}'])({ a: 1 })).toBe(false);
  });

  it("no service", () => {
    expect(() => targetService("constructor.Call")).toThrow("is no service");
  });

  it("no key of a request that a policy asks for", () => {
    for (const key of ["constructor", "__proto__"]) {
      const asked = JSON.parse(`{"StringEquals":{"${key}":["x"]}}`);
      expect(conditionsHold(asked, {}), key).toBe(false);
    }
  });

  it("no parameter of a URL, and no tag, and both may be called so", () => {
    const request = {
      method: "GET",
      target: "/?constructor=a&constructor=b&__proto__=c",
      headers: {},
      sourceIp: "",
      body: Buffer.alloc(0),
    };
    const event = urlEvent(Object(request), { domain: "d.example", requestId: "r", now: 0 });
    expect(Object.entries(Object(event["queryStringParameters"]))).toEqual([
      ["constructor", "a,b"],
      ["__proto__", "c"],
    ]);
    const tags = textMap(JSON.parse('{"Tags":{"__proto__":"x"}}'), "Tags");
    expect(Object.entries(tags ?? {})).toEqual([["__proto__", "x"]]);
  });
});

describe("a request of a few bytes is refused that means", () => {
  const metric = (more: Record<string, unknown>) => ({
    Namespace: "AWS/SQS",
    MetricName: "NumberOfMessagesSent",
    ...more,
  });
  const start = startOfTest / 1000;

  it.each([1e300, -1e300, 1e19, "+999999-01-01T00:00:00Z"])("a time of no calendar: %s", async (time) => {
    const span = { StartTime: typeof time === "number" && time > 0 ? start : time, EndTime: time };
    for (const action of ["GetMetricStatistics", "GetMetricData"]) {
      const asked = virtualCloud().call(
        `cloudwatch:${action}`,
        metric({ ...span, Period: 60, Statistics: ["Sum"] }),
      );
      await expect(asked).rejects.toThrow("a point in time");
    }
  });

  it("billions of points", async () => {
    const query = { Id: "m", MetricStat: { Metric: metric({}), Period: 1, Stat: "Sum" } };
    const asked = virtualCloud().call("cloudwatch:GetMetricData", {
      StartTime: 0,
      EndTime: start,
      MetricDataQueries: [query],
    });
    await expect(asked).rejects.toThrow("exceeds the limit of 100,800");
  });

  it.each([
    [1e9, 1, "more than a day"],
    [1441, 60, "more than a day"],
    [169, 3600, "more than seven days"],
    [1.5, 60, "at least 1"],
  ])("an alarm over %d periods of %d s", async (EvaluationPeriods, Period, words) => {
    const alarm = {
      AlarmName: "a",
      Statistic: "Sum",
      Threshold: 1,
      ComparisonOperator: "GreaterThanThreshold",
    };
    const put = virtualCloud().call(
      "cloudwatch:PutMetricAlarm",
      metric({ ...alarm, EvaluationPeriods, Period }),
    );
    await expect(put).rejects.toThrow(words);
  });
});

test.each(["//", "///////", "//[", "http://a b/"])("a request for %j is answered, as bad", async (target) => {
  const request = { method: "POST", target, headers: {}, body: Buffer.alloc(0) };
  const place = { requestId: "r", signal: new AbortController().signal };
  expect((await answerRequest(virtualCloud().cloud, request, place)).status).toBe(400);
});

test.each(["-1", "1e999", "x", "0.5"])("a layer whose entry has %s bytes is no tar", async (size) => {
  const header = (name: string, type: string, content: string) => {
    const block = Buffer.alloc(512);
    block.write(name, 0);
    block.write(content.length.toString(8).padStart(11, "0"), 124);
    block.write(`${" ".repeat(8)}${type}`, 148);
    block.write("ustar\0", 257);
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return Buffer.concat([block, Buffer.from(content.padEnd(content === "" ? 0 : 512, "\0"))]);
  };
  const word = `size=${size}\n`;
  const pax = `${word.length + (word.length > 7 ? 3 : 2)} ${word}`;
  const tar = Buffer.concat([header("x", "x", pax), header("a", "0", ""), Buffer.alloc(1024)]);
  const read = async () => {
    for await (const _ of tarEntries(Readable.from([tar])));
  };
  await expect(read()).rejects.toThrow("The tar has an entry of");
});

test("a text that only opens lists is no document, however long", () => {
  for (const piece of ["[", '{"a":']) {
    expect(jsonComplaint(Buffer.from(piece.repeat(100_000)))).toContain("nesting depth (1001) exceeds");
  }
});

test.each(["(", "-", "2^", "SUM(", "["])(
  "an expression of nothing but %j is refused, however long",
  (piece) => {
    for (const length of [2048, 1_000_000]) {
      const expression = piece.repeat(length / piece.length);
      expect(() => readExpression(expression)).toThrow(/ends too early|at most 2048|too deep/);
    }
  },
);
