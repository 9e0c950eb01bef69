import { describe, expect, it } from "vitest";
import { intended, runByHand, scriptOf } from "../../../../test/support/by-hand.ts";
import { PLACE } from "../../../../test/support/world.ts";
import type { Recorded } from "../contract/journal.ts";
import type { Place } from "../contract/place.ts";

/** Reserved concurrency that was put on functions of these names, one after another. */
function edited(names: readonly string[], places: readonly Place[] = [PLACE]): readonly Recorded[] {
  return intended(
    names.map((target, i) => {
      const place = places[i % places.length] ?? PLACE;
      const id = `arn:aws:lambda:us-east-1:1:function:${target}`;
      const ref = { kind: "concurrency", id, within: null, place };
      return { target, value: { ref, before: null, after: { reserved: 0 }, arms: true } };
    }),
  );
}

const run = (script: string, account = PLACE.account) => runByHand(script, { account });

describe("the script that restores by hand", () => {
  it("asks who it is, with the run's own endpoint, then undoes everything, last first", async () => {
    const { code, asked } = await run(await scriptOf(edited(["one", "two"])));
    expect(code).toBe(0);
    expect(asked).toEqual([
      "sts get-caller-identity --query Account --output text --region us-east-1 --endpoint-url virtual",
      expect.stringMatching(/^lambda delete-function-concurrency .*:two /),
      expect.stringMatching(/^lambda delete-function-concurrency .*:one /),
    ]);
  });

  it("goes on after a call that fails, and ends with how many did", async () => {
    const { code, said, asked } = await run(await scriptOf(edited(["one", "bad", "three", "bad-too"])));
    expect(code).toBe(1);
    expect(asked).toHaveLength(5);
    expect(said).toContain("2 of these calls failed");
  });

  it("changes nothing in another account, and names both", async () => {
    const { code, said, asked } = await run(await scriptOf(edited(["one"])), "999999999999");
    expect(code).toBe(1);
    expect(asked).toHaveLength(1);
    expect(said).toContain("account 999999999999; the run was made in 123456789012. Nothing was changed.");
  });

  it("of a run in two accounts does what it can with the credentials of one, and says what it did not", async () => {
    const events = edited(["one", "two"], [PLACE, { ...PLACE, account: "999999999999" }]);
    const { code, said, asked } = await run(await scriptOf(events));
    expect(code).toBe(1);
    expect(asked.join("\n")).toContain(":one");
    expect(asked.join("\n")).not.toContain(":two");
    expect(said).toContain("Not tried: it needs credentials of account 999999999999");
  });

  it("says what no call takes out, and fails", async () => {
    const id = `arn:aws:lambda:us-east-1:${PLACE.account}:function:orders:7`;
    const ref = { kind: "published-copy", id, within: null, place: PLACE };
    const copy = { target: "orders", value: { ref, before: null, after: { told: "it's" } } };
    const { code, said } = await run(await scriptOf(intended([copy])));
    expect(code).toBe(1);
    expect(said).toContain("Somebody published version 7 of orders while the fault was in");
    expect(said).toContain("--function-name orders --qualifier 7");
    expect(said).toContain("1 of these calls failed");
  });

  it("of a run that left nothing calls nothing", async () => {
    const { code, said, asked } = await run(await scriptOf([]));
    expect([code, asked]).toEqual([0, [""]]);
    expect(said).toContain("Nothing of run r-1 is left");
  });
});
