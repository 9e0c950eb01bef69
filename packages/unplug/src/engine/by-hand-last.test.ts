import { describe, expect, it } from "vitest";
import { intended, runByHand, scriptOf } from "../../../../test/support/by-hand.ts";
import { PLACE } from "../../../../test/support/world.ts";
import type { Edit } from "../contract/edit.ts";

const ARN = `arn:aws:lambda:us-east-1:${PLACE.account}:function:orders`;
const DESCRIPTION = "unplug run=r-1 until=1800000000 alias=live was=1";
const WHERE = "--region us-east-1 --endpoint-url virtual";

const ref = (kind: string, id = ARN) => ({ kind, id, within: null, place: PLACE });
const reserved: Edit = { ref: ref("concurrency"), before: null, after: { reserved: 0 }, arms: true };
const version: Edit = {
  ref: ref("version", `${ARN}:r-1/1800000000`),
  before: null,
  after: { description: DESCRIPTION, codeSha256: "own=" },
  mayStay: true,
};
const staged: Edit = {
  ref: ref("staged-object", `${ARN}:staging/unplug/${PLACE.account}/orders/00.zip`),
  before: null,
  after: { object: "s3://staging/00.zip", bytes: 1 },
  mayStay: true,
};

async function run(values: readonly Edit[], cases: readonly string[]) {
  const events = intended(values.map((value) => ({ target: "orders", value })));
  const { asked, ...ended } = await runByHand(await scriptOf(events), { account: PLACE.account, cases });
  return { ...ended, changes: asked.filter((line) => /delete-/.test(line)) };
}

const versions = (answer: string) =>
  `*list-versions*Description==\\'unplug\\ run=r-1\\ *) echo '${answer}' ;;`;

describe("the script that restores by hand, of what may stay", () => {
  it("deletes the version that says that it is the run's, and objects", async () => {
    const { code, said, changes } = await run([staged, version], [versions('"7"')]);
    expect(code, said).toBe(0);
    expect(changes).toEqual([
      `lambda delete-function --function-name ${ARN} --qualifier 7 ${WHERE}`,
      `s3api delete-object --bucket staging --key unplug/${PLACE.account}/orders/00.zip ${WHERE}`,
    ]);
  });

  it.each([
    ["is not there", "null", 0],
    ["is none", '"$LATEST"', 1],
    ["has no number", '""', 1],
  ])("deletes nothing, and never the function, where the version %s", async (_what, answer, expected) => {
    const { code, said, changes } = await run([version], [versions(answer)]);
    expect([code, changes], said).toEqual([expected, []]);
  });

  it("keeps nothing else in where it would not go", async () => {
    const { code, said, changes } = await run([reserved, version], [versions('"$LATEST"')]);
    expect(changes).toEqual([`lambda delete-function-concurrency --function-name ${ARN} ${WHERE}`]);
    expect(code).toBe(1);
    expect(said).toContain("1 of these calls failed");
  });
});
