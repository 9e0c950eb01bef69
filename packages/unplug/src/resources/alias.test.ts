import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../test/support/virtual-clock.ts";
import { PLACE } from "../../../../test/support/world.ts";
import { describeVersion } from "../carriers/version-marker.ts";
import { type Action, type Aws, AwsError } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import { alias } from "./alias.ts";

const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const OURS = describeVersion({ run: "r-1", until: 4_000_000_000, alias: "live", was: "5" });

type Answers = Partial<Record<Action, (input: Readonly<Record<string, string>>) => unknown>>;

/** AWS that answers what it is told to, and permits nothing else. */
function ioWith(answers: Answers): Io {
  const aws: Aws = {
    call: async (action, input) => {
      const answer = answers[action];
      const facts = {
        code: "AccessDeniedException",
        status: 403,
        outcome: "refused",
        message: action,
      } as const;
      if (answer === undefined) throw new AwsError(action, facts);
      return answer(Object(input)) as never;
    },
  };
  const signal = new AbortController().signal;
  return { aws, place: PLACE, clock: new VirtualClock(), salt: "s", signal };
}

async function recognised(answers: Answers) {
  const ref = { kind: "alias", id: FUNCTION, within: null, place: PLACE };
  return (await alias.recognise?.(ref, ioWith(answers))) ?? [];
}

const toldTo = (told: string): Answers => ({
  "lambda:GetFunction": () => ({
    Configuration: { Environment: { Variables: { UNPLUG_INTERCEPTOR: told } } },
  }),
});

describe("an alias without a journal", () => {
  it("is known by the versions that it is at or shares with, wherever it is in the list", async () => {
    const pages: Readonly<Record<string, unknown>> = {
      first: {
        Aliases: [
          { Name: "theirs", FunctionVersion: "5" },
          { Name: "latest", FunctionVersion: "$LATEST" },
        ],
        NextMarker: "second",
      },
      second: {
        Aliases: [
          { Name: "moved", FunctionVersion: "7" },
          { Name: "shared", FunctionVersion: "5", RoutingConfig: { AdditionalVersionWeights: { 7: 0.1 } } },
        ],
      },
    };
    const edits = await recognised({
      "lambda:ListAliases": ({ Marker = "first" }) => pages[Marker],
      "lambda:GetVersion": ({ Version }) => ({
        Configuration: { Description: Version === "7" ? OURS : "5" },
      }),
    });

    expect(edits.map(({ ref, before, after }) => [ref.id, before, after])).toEqual([
      [`${FUNCTION}:moved`, { version: "5", weights: {} }, { version: "7", weights: {} }],
      [`${FUNCTION}:shared`, { version: "5", weights: {} }, { version: "5", weights: { 7: 0.1 } }],
    ]);
  });

  it("that may not be listed is nothing to say, unless $LATEST tells of one", async () => {
    expect(await recognised(toldTo("unplug=1;run=r-1"))).toEqual([]);
    await expect(
      recognised(toldTo("unplug=1;run=r-1;unless=AWS_LAMBDA_FUNCTION_VERSION=$LATEST")),
    ).rejects.toThrow("lambda:ListAliases");
  });
});
