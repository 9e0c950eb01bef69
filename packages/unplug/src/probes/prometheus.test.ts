import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { HttpServers, textOf } from "../../../../test/support/http-servers.ts";
import { askOnce, probeIo } from "../../../../test/support/probe-io.ts";
import { prometheusProbe } from "./prometheus.ts";
import { namesOf, nearNames } from "./prometheus-absence.ts";

const servers = new HttpServers();

afterEach(() => servers.close());

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: string | null;
  readonly headers: IncomingHttpHeaders;
}

type Told = (asked: Asked) => { readonly status?: number; readonly body: unknown };

/** A server of the API of which the test says what it answers; `asked` gets what came. */
async function prometheus(told: Told, asked: Asked[] = []): Promise<string> {
  return await servers.serve((request, response) => {
    const { method = "", headers, url = "" } = request;
    void textOf(request).then((body) => {
      const { pathname, searchParams } = new URL(url, "http://a");
      const query = searchParams.get("query") ?? new URLSearchParams(body).get("query");
      const one = { method, path: pathname, query, headers };
      asked.push(one);
      const answer = told(one);
      const isText = typeof answer.body === "string";
      response.writeHead(answer.status ?? 200, { "content-type": isText ? "text/html" : "application/json" });
      response.end(isText ? answer.body : JSON.stringify(answer.body));
    });
  });
}

function vector(...samples: readonly (readonly [Readonly<Record<string, string>>, string])[]) {
  const result = samples.map(([metric, value]) => ({ metric, value: [1_700_000_000, value] }));
  return { body: { status: "success", data: { resultType: "vector", result } } };
}

const data = (data: unknown) => ({ body: { status: "success", data } });

describe("a query", () => {
  test.each([
    [vector([{ __name__: "up" }, "3.5"]), 3.5],
    [vector([{}, "1e+06"]), 1_000_000],
    [vector([{}, "-0"]), -0],
    [data({ resultType: "scalar", result: [1_700_000_000.123, "42"] }), 42],
  ])("that gives one sample is its value: %j", async (told, value) => {
    const endpoint = await prometheus(() => told);

    expect(await askOnce(prometheusProbe, { endpoint, query: "up" })).toEqual({ measures: { value } });
  });

  test.each(["NaN", "+Inf", "-Inf"])("whose value is %s gives no data", async (text) => {
    const endpoint = await prometheus(() => vector([{}, text]));

    expect(await askOnce(prometheusProbe, { endpoint, query: "a / b" })).toEqual({
      measures: { value: null },
      missing: `the value is ${text}, which is no number`,
    });
  });

  test("is asked by GET, below the path prefix, and by POST when it is long", async () => {
    const asked: Asked[] = [];
    const endpoint = `${await prometheus(() => vector([{}, "1"]), asked)}/mimir/prometheus/`;
    const query = 'sum(rate(a{b="c d&é"}[1m])) > 0';
    const long = `${query} ${"or up ".repeat(500)}`.trim();

    await askOnce(prometheusProbe, { endpoint, query });
    await askOnce(prometheusProbe, { endpoint, query: long });

    expect(asked.map((one) => [one.method, one.path, one.query])).toEqual([
      ["GET", "/mimir/prometheus/api/v1/query", query],
      ["POST", "/mimir/prometheus/api/v1/query", long],
    ]);
  });

  test("says who asks, by secrets", async () => {
    const asked: Asked[] = [];
    const endpoint = await prometheus(() => vector([{}, "1"]), asked);
    const io = probeIo({ secrets: { token: "abc", tenant: "shop" } });

    await askOnce(
      prometheusProbe,
      {
        endpoint,
        query: "up",
        auth: { type: "bearer", token: "token" },
        headers: { "X-Scope-OrgID": { secret: "tenant" } },
      },
      io,
    );

    expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer abc", "x-scope-orgid": "shop" });
  });

  test("may stand in a file", async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), "unplug-query-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [queryFile, empty] = [join(folder, "q.promql"), join(folder, "empty.promql")];
    await writeFile(queryFile, "sum(\n  up\n)\n");
    await writeFile(empty, "\n");
    const asked: Asked[] = [];
    const endpoint = await prometheus(() => vector([{}, "1"]), asked);

    await askOnce(prometheusProbe, { endpoint, queryFile });

    expect(asked[0]?.query).toBe("sum(\n  up\n)");
    await expect(askOnce(prometheusProbe, { endpoint, queryFile: empty })).rejects.toThrow(
      `${empty} is empty, expected a query in PromQL.`,
    );
    await expect(askOnce(prometheusProbe, { endpoint, queryFile: `${queryFile}x` })).rejects.toThrow(
      "ENOENT",
    );
  });
});

describe("no series", () => {
  const known = [
    "aws_lambda_errors_sum",
    "aws_sqs_approximate_number_of_messages_not_visible_maximum",
    "aws_sqs_approximate_number_of_messages_visible_average",
    "aws_sqs_approximate_number_of_messages_visible_maximum",
    "up",
  ];
  const queues =
    (labels: Told): Told =>
    (asked) => {
      if (asked.path.endsWith("/label/__name__/values")) return data(known);
      return asked.query?.startsWith("topk") === true ? labels(asked) : vector();
    };

  test("is no data, and names what is there instead of a metric that is not", async () => {
    const endpoint = await prometheus(queues(() => vector()));
    const query = 'aws_sqs_approximate_number_of_messages_visible{queue_name="orders"}';

    expect(await askOnce(prometheusProbe, { endpoint, query })).toEqual({
      measures: { value: null },
      missing: `no series fits ${query}: there is no metric aws_sqs_approximate_number_of_messages_visible, there is aws_sqs_approximate_number_of_messages_visible_average, aws_sqs_approximate_number_of_messages_visible_maximum, aws_sqs_approximate_number_of_messages_not_visible_maximum`,
    });
    expect((await askOnce(prometheusProbe, { endpoint, query: "sum(http_requests)" })).missing).toContain(
      "there is no metric http_requests, nor one with a name near to it",
    );
  });

  test("of a metric that is there shows its labels", async () => {
    const query = 'aws_lambda_errors_sum{function_name="order"}';
    const there = { __name__: "aws_lambda_errors_sum", function_name: "orders" };
    const endpoint = await prometheus(queues(() => vector([there, "1"])));
    const gone = await prometheus(queues(() => vector()));

    expect((await askOnce(prometheusProbe, { endpoint, query })).missing).toBe(
      `no series fits ${query}: there is aws_lambda_errors_sum{function_name="orders"}`,
    );
    expect((await askOnce(prometheusProbe, { endpoint: gone, query })).missing).toBe(
      `no series fits ${query}: aws_lambda_errors_sum was not scraped in the last minutes`,
    );
  });

  test("is no data where the names come too late, either: what only explains must not use up the time", async () => {
    const endpoint = await servers.serve((request, response) => {
      // Whoever asks for the names is never answered.
      if (request.url?.includes("/label/") === true) return;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(vector().body));
    });

    expect(await askOnce(prometheusProbe, { endpoint, query: "up" }, probeIo({ timeoutMs: 2_000 }))).toEqual({
      measures: { value: null },
      missing: "no series fits up",
    });
  });

  test("is no data where the names may not be read, either", async () => {
    const endpoint = await prometheus(({ path }) =>
      path.endsWith("/query") ? vector() : { status: 403, body: "forbidden" },
    );

    expect(await askOnce(prometheusProbe, { endpoint, query: "up" })).toEqual({
      measures: { value: null },
      missing: "no series fits up",
    });
  });
});

describe("errors", () => {
  const ask = async (told: Told, query = "up") =>
    askOnce(prometheusProbe, { endpoint: await prometheus(told), query });

  test("several series, with some of them and what to do", async () => {
    const many = ["a", "b", "c", "d", "e"].map((name) => [{ __name__: "up", job: name }, "1"] as const);

    await expect(ask(() => vector(...many))).rejects.toThrow(
      'The query up gives 5 series, expected one: up{job="a"}, up{job="b"}, up{job="c"} and 2 more. Narrow it by labels, or put sum(…), max(…) or the like around it.',
    );
  });

  test("what is no number, with what makes it one", async () => {
    const histogram = { resultType: "vector", result: [{ metric: {}, histogram: [1, { count: "1" }] }] };

    await expect(ask(() => data({ resultType: "matrix", result: [] }), "up[5m]")).rejects.toThrow(
      "The query up[5m] gives a range of samples, expected one number: put avg_over_time(…)",
    );
    await expect(ask(() => data({ resultType: "string", result: [1, "a"] }))).rejects.toThrow("gives a text");
    await expect(ask(() => data(histogram))).rejects.toThrow("gives a histogram");
  });

  test("what Prometheus refuses, in its own words", async () => {
    const error = { status: "error", errorType: "bad_data", error: 'parse error: unexpected "}"' };

    await expect(ask(() => ({ status: 400, body: error }))).rejects.toThrow(
      'Prometheus refuses (400, bad_data): parse error: unexpected "}"',
    );
  });

  test("what is no Prometheus", async () => {
    await expect(ask(() => ({ status: 401, body: "who?" }))).rejects.toThrow(
      /\/api\/v1\/query answered 401 Unauthorized \(text\/html\), which is no answer of Prometheus: look at `auth` and `headers`\.$/,
    );
    await expect(ask(() => ({ body: "<html>" }))).rejects.toThrow("`endpoint` must be the URL of Prometheus");
    await expect(ask(() => ({ status: 302, body: { status: "success" } }))).rejects.toThrow(
      "answered 302 Found",
    );
  });

  test("a server that cannot be reached: nobody could be asked", async () => {
    const endpoint = await prometheus(() => vector());
    await servers.close();

    await expect(askOnce(prometheusProbe, { endpoint, query: "up" })).rejects.toThrow(
      /^Prometheus at 127\.0\.0\.1:\d+ could not be asked: connect ECONNREFUSED/,
    );
    expect(prometheusProbe.late).toBe("error");
  });
});

test.each([
  ["up", ["up"]],
  ['sum by (job) (rate(http_requests_total{code=~"5..", job="a_b"}[5m])) / 2e3', ["http_requests_total"]],
  ["a:b + on (x) group_left (y) c offset 5m", ["a:b", "c"]],
  ["{__name__='up', job=\"x\"} # of them all", ["up"]],
  ["max(sum(aws_lambda_errors_sum) or vector(0)) > bool inf", ["aws_lambda_errors_sum"]],
])("the metrics of %s are %j", (query, names) => {
  expect(namesOf(query)).toEqual(names);
});

test("a misspelt name is near to the right one", () => {
  const known = ["aws_lambda_errors_sum", "aws_lambda_errors_average", "aws_lambda_duration_sum", "up"];

  expect(nearNames("lambda_errors_sum", known)).toEqual(["aws_lambda_errors_sum"]);
  expect(nearNames("aws_lambda_error_sum", known)[0]).toBe("aws_lambda_errors_sum");
  expect(nearNames("aws_lambda_errors", known).slice(0, 2)).toEqual([
    "aws_lambda_errors_average",
    "aws_lambda_errors_sum",
  ]);
});

test.each([
  [{ endpoint: "http://a" }, "must have `query` or `queryFile`, one of both"],
  [{ endpoint: "http://a", query: "up", queryFile: "q" }, "must have `query` or `queryFile`, one of both"],
  [{ endpoint: "http://a", query: " " }, "must be a query in PromQL"],
  [{ endpoint: "prometheus:9090", query: "up" }, "must be a URL that begins with http:// or https://"],
  [{ endpoint: "http://a", query: "up", tls: {} }, "must begin with https:// where `tls` is given"],
])("settings %j are refused", (settings, message) => {
  const messages = prometheusProbe.settings.safeParse(settings).error?.issues.map((issue) => issue.message);

  expect(messages).toEqual([message]);
});
