import { expect, it } from "vitest";
import { VirtualClock } from "../../../../test/support/virtual-clock.ts";
import { IMAGE, PLACE } from "../../../../test/support/world.ts";
import { readImageUri } from "../carriers/image-names.ts";
import type { Aws } from "../contract/aws.ts";
import { lifecycleNotes } from "./block-lifecycle.ts";

const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";

/** What is told of a policy with these selections, which count images. */
async function told(...selections: readonly object[]): Promise<readonly string[]> {
  const rules = selections.map((by, i) => ({
    rulePriority: i + 1,
    selection: { countType: "imageCountMoreThan", countNumber: 7 + i, ...by },
  }));
  const aws: Aws = {
    call: () => Promise.resolve({ lifecyclePolicyText: JSON.stringify({ rules }) } as never),
  };
  const address = readImageUri(IMAGE.uri);
  if (address === null) throw new Error(`${IMAGE.uri} names no image.`);
  const { signal } = new AbortController();
  return await lifecycleNotes(address, FUNCTION, {
    aws,
    place: PLACE,
    clock: new VirtualClock(),
    salt: "s",
    signal,
  });
}

const prefixes = (...tagPrefixList: readonly string[]) => ({ tagStatus: "tagged", tagPrefixList });
const patterns = (...tagPatternList: readonly string[]) => ({ tagStatus: "tagged", tagPatternList });

it.each([
  [true, { tagStatus: "any" }],
  [false, { tagStatus: "untagged" }],
  [false, { tagStatus: "any", countType: "sinceImagePushed" }],
  [true, prefixes("un")],
  [true, prefixes("unplug-")],
  [true, prefixes("unplug-r-1.")],
  [false, prefixes("prod")],
  [false, prefixes("unplugged")],
  // An image must have them all.
  [false, prefixes("unplug-", "prod")],
  [true, prefixes("u", "unplug")],
  [true, patterns("*")],
  [true, patterns("un*")],
  [true, patterns("unplug-*.orders")],
  [true, patterns("*orders")],
  [true, patterns("*7*.shop.orders")],
  [true, patterns("u*2026*s")],
  [true, patterns("unplug-r-1.orders")],
  [false, patterns("unplug-r-1.stock")],
  [false, patterns("prod*")],
  [false, patterns("*-stock")],
  [false, patterns("v*orders")],
  [false, patterns("unplug*stock")],
  [false, patterns("live")],
  [false, patterns("*", "prod*")],
])("it is %s that what a run pushes counts for %j", async (counts, selection) => {
  expect((await told(selection)).length === 1).toBe(counts);
});

it("the number that is told is that of a rule by which the pushed image counts", async () => {
  const [note] = await told(prefixes("prod"), prefixes("unplug-"), { tagStatus: "any" });

  expect(note).toContain("lifecycle policy of shop/orders keeps no more than 8 images");
});

it("a pattern is compared in no more than its length", async () => {
  expect(await told(patterns(`${"*a".repeat(100_000)}*x`))).toEqual([]);
});
