import { describe, expect, it } from "vitest";
import { asAwsError } from "./as-aws-error.ts";

const UPDATE = "lambda:UpdateEventSourceMapping";
const network = (code: string, syscall: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe("a network error", () => {
  it.each([
    ["ECONNREFUSED", "connect"],
    ["EHOSTUNREACH", "connect"],
    ["ENETUNREACH", "connect"],
    ["ENOTFOUND", "getaddrinfo"],
    ["EAI_AGAIN", "getaddrinfo"],
  ])("%s of %s means that nothing was sent", (code, syscall) => {
    expect(asAwsError(UPDATE, network(code, syscall))).toMatchObject({
      code,
      status: null,
      outcome: "unsent",
    });
  });

  it.each([
    ["EHOSTUNREACH", "read"],
    ["ENETUNREACH", "write"],
    ["ECONNREFUSED", "read"],
    ["ECONNRESET", "read"],
  ])("%s of %s came after the call had left: it is unknown", (code, syscall) => {
    expect(asAwsError(UPDATE, network(code, syscall))).toMatchObject({ code, outcome: "unknown" });
  });

  it("of a header that cannot be sent means that nothing was sent", () => {
    const error = Object.assign(new TypeError("Invalid character in header"), { code: "ERR_INVALID_CHAR" });
    expect(asAwsError(UPDATE, error)).toMatchObject({ code: "ERR_INVALID_CHAR", outcome: "unsent" });
  });

  it("of all addresses means that nothing was sent, of some that it is unknown", () => {
    const refused = network("ECONNREFUSED", "connect");
    const all = Object.assign(new AggregateError([refused, refused]), { code: "ECONNREFUSED" });
    expect(asAwsError(UPDATE, all)).toMatchObject({ code: "ECONNREFUSED", outcome: "unsent" });
    expect(asAwsError(UPDATE, new AggregateError([refused, network("ECONNRESET", "read")])).outcome).toBe(
      "unknown",
    );
    expect(asAwsError(UPDATE, new AggregateError([])).outcome).toBe("unknown");
  });
});

it("takes whatever else is thrown for an unknown end, with its words", () => {
  expect(asAwsError(UPDATE, "out of order")).toMatchObject({
    code: "Unknown",
    outcome: "unknown",
    message: "out of order",
  });
});
