import { describe, expect, it } from "vitest";
import { AwsError, type CallOutcome, isDenied, isMissing, isPassing, isThrottled } from "./aws.ts";

function failed(code: string, status: number | null, outcome: CallOutcome = "refused"): AwsError {
  return new AwsError("lambda:GetEventSourceMapping", { code, status, outcome, message: code });
}

describe("absence", () => {
  it.each([
    ["ResourceNotFoundException", 404],
    ["ResourceNotFoundException", 400],
    ["QueueDoesNotExist", 400],
    ["AWS.SimpleQueueService.NonExistentQueue", 400],
  ])("is what AWS says with %s, whatever the status (%i)", (code, status) => {
    expect(isMissing(failed(code, status))).toBe(true);
  });

  it.each([
    ["UnreadableAnswer", 404],
    ["Unknown", 404],
    ["UnknownOperationException", 404],
    ["AccessDeniedException", 403],
  ])("is not what %s says, although the status is %i", (code, status) => {
    expect(isMissing(failed(code, status))).toBe(false);
  });
});

describe("an answer that is not AWS's", () => {
  it.each([200, 302, 403, 404, 429, 503])("of status %i may be AWS's the next time", (status) => {
    expect(isPassing(failed("UnreadableAnswer", status, "unknown"))).toBe(true);
  });

  it("is no throttling: nobody knows whether AWS has done it", () => {
    expect(isThrottled(failed("UnreadableAnswer", 429, "unknown"))).toBe(false);
    expect(isThrottled(failed("TooManyRequestsException", 429))).toBe(true);
  });
});

it("takes AWS's own no for good", () => {
  expect(isPassing(failed("AccessDeniedException", 403))).toBe(false);
  expect(isPassing(failed("ResourceNotFoundException", 404))).toBe(false);
});

it("takes a role that may not be assumed for no denial of the action, which was never asked", () => {
  expect(isDenied(failed("AccessDenied", 403, "unsent"))).toBe(false);
  expect(isDenied(failed("AccessDenied", 403))).toBe(true);
});
