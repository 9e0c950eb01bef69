import { ApiError } from "../api-error.ts";
import type { Cloud } from "../cloud.ts";
import { codePath } from "../lambda/code-links.ts";
import { readSwitches } from "../switches-input.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "./http-answer.ts";

/** Where the front's own pages are: none of AWS's paths begins like this. */
const ownPath = "/_unplug/";

/** Where Prometheus looks by default. */
const metricsPath = "/metrics";

/** Whether a request is for one of the front's own pages. */
export function isOwnTarget(target: string): boolean {
  return target.startsWith(ownPath) || target.split("?")[0] === metricsPath;
}

function notFound(request: HttpRequest): HttpAnswer {
  return jsonAnswer(404, {
    message: `${request.method} ${request.target} is no page here: there are ${metricsPath} and, below ${ownPath}, health, calls, switches and code.`,
  });
}

function callsAnswer(cloud: Cloud, request: HttpRequest, url: URL): HttpAnswer {
  if (request.method === "DELETE") {
    cloud.record.clear();
    return jsonAnswer(200, { calls: [] });
  }
  const wanted = url.searchParams.get("action");
  const after = url.searchParams.get("after") ?? "0";
  if (!/^\d{1,15}$/.test(after)) {
    return jsonAnswer(400, {
      message: `after=${after} is no id of a call: expected a whole number, as in the id of a recorded call.`,
    });
  }
  const calls = wanted === null ? cloud.record.all() : cloud.record.of(wanted);
  return jsonAnswer(200, { calls: calls.filter((call) => call.id > Number(after)) });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new ApiError(
      400,
      "InvalidSwitch",
      "The switches cannot be read: expected a JSON object as the body.",
    );
  }
}

function switchesAnswer(cloud: Cloud, request: HttpRequest): HttpAnswer {
  try {
    if (request.method === "PUT") cloud.switches.set(readSwitches(parsed(request.body)));
    if (request.method === "DELETE") cloud.switches.reset();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return jsonAnswer(400, { message: error.message });
  }
  return jsonAnswer(200, cloud.switches.get());
}

function codeAnswer(cloud: Cloud, request: HttpRequest): HttpAnswer {
  const zip = cloud.codeAt(request.target);
  if (zip !== undefined) return { status: 200, headers: { "content-type": "application/zip" }, body: zip };
  return jsonAnswer(403, {
    message: "This code location has expired or never was: call GetFunction for a new one.",
  });
}

function metricsAnswer(cloud: Cloud, url: URL): HttpAnswer {
  const period = url.searchParams.get("period") ?? "60";
  if (!/^[1-9]\d{0,3}$/.test(period)) {
    return jsonAnswer(400, { message: `period=${period} is no period: expected whole seconds, 1 to 9999.` });
  }
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return { status: 200, headers, body: Buffer.from(cloud.metricsPage(Number(period) * 1000)) };
}

/**
 * Answers the front's own pages: `/metrics`; `health`; `calls` (GET with `action` and `after`, DELETE), `switches` (GET,
 * PUT, DELETE) and the code locations of GetFunction.
 */
export function ownAnswer(cloud: Cloud, request: HttpRequest): HttpAnswer {
  const url = new URL(request.target, "http://localhost");
  if (request.method === "GET" && url.pathname.startsWith(codePath)) return codeAnswer(cloud, request);
  if (url.pathname === metricsPath) {
    return request.method === "GET" ? metricsAnswer(cloud, url) : notFound(request);
  }
  switch (url.pathname.slice(ownPath.length)) {
    case "health":
      return jsonAnswer(200, { status: "ok" });
    case "calls":
      return callsAnswer(cloud, request, url);
    case "switches":
      return switchesAnswer(cloud, request);
    default:
      return notFound(request);
  }
}
