import { describe, expect, it } from "vitest";
import { intended, type PretendedAws, runByHand, scriptOf } from "../../../../test/support/by-hand.ts";
import { PLACE } from "../../../../test/support/world.ts";
import type { Edit } from "../contract/edit.ts";
import { builtinResources } from "../resources/index.ts";
import { resourceTable } from "./readings.ts";
import { undoLines } from "./undo-steps.ts";

const ARN = `arn:aws:lambda:us-east-1:${PLACE.account}:function:orders`;
const WHERE = "--region us-east-1 --endpoint-url virtual";
const REPOSITORY = `${PLACE.account}.dkr.ecr.us-east-1.amazonaws.com/shop/orders`;
const [OURS, OWN] = ["a".repeat(64), "b".repeat(64)];

const ref = (kind: string, id = ARN) => ({ kind, id, within: null, place: PLACE });
const variable: Edit = { ref: ref("concurrency"), before: null, after: { reserved: 0 }, arms: true };
const code: Edit = { ref: ref("code"), before: { sha256: "own=" }, after: { sha256: "ours=" } };
const functionImage: Edit = {
  ref: ref("function-image", `${ARN}:${REPOSITORY}`),
  before: { image: `${REPOSITORY}:live@sha256:${OWN}` },
  after: { image: `${REPOSITORY}@sha256:${OURS}` },
};
const pushed: Edit = {
  ref: ref("image", `${ARN}:${REPOSITORY}:unplug-r-1.orders?from=sha256:${OWN}&uri=x`),
  before: null,
  after: { image: `${REPOSITORY}:unplug-r-1.orders@sha256:${OURS}` },
  mayStay: true,
};
const tagged = [pushed, functionImage];
const target = (values: readonly Edit[]) => intended(values.map((value) => ({ target: "orders", value })));

async function run(values: readonly Edit[], aws: Partial<PretendedAws>) {
  const { asked, ...ended } = await runByHand(await scriptOf(target(values)), {
    account: PLACE.account,
    ...aws,
  });
  const changes = asked.filter((line) => /update-|delete-|wait/.test(line));
  return { ...ended, asked, changes };
}

const versions = (answer: string) => `*list-versions*CodeSha256==\\'own=\\'*) echo '${answer}' ;;`;
const UPDATED = "*update-function-code*) echo 'own=' | tee \"$code\" ;;";
const LINK = "*get-function*--qualifier\\ 3*) echo 'http://x/zip?secret' ;;";

describe("the script that restores by hand, of a function's own code", () => {
  it("takes it from a published version that has it", async () => {
    const cases = [versions('"3"'), LINK, UPDATED];
    const { code: ended, said, asked, changes } = await run([code, variable], { code: "ours=", cases });

    expect(ended, said).toBe(0);
    expect(changes).toEqual([
      expect.stringMatching(/^lambda delete-function-concurrency /),
      expect.stringMatching(
        new RegExp(`^lambda update-function-code --function-name ${ARN} --zip-file fileb://.* ${WHERE}$`),
      ),
      `lambda wait function-updated-v2 --function-name ${ARN} ${WHERE}`,
    ]);
    expect(asked).toContain('curl url = "http://x/zip?secret"');
    expect(said).not.toContain("secret");
  });

  it("says on stderr that no line gives it, names what does, and fails", async () => {
    const { code: ended, said, changes } = await run([code], { code: "ours=", cases: [versions("null")] });

    expect([ended, changes]).toEqual([1, []]);
    expect(said).toContain(`The code of ${ARN} is still the one with our part in it.`);
    expect(said).toContain("unplug restore r-1 tells and does it where its journal is, and elsewhere:");
    expect(said).toContain(`unplug restore --function ${ARN} --region us-east-1 --yes`);
    expect(said).toContain("1 of these calls failed");
  });

  it.each([
    ["has it already", "own=", 0, /It is there already\./],
    [
      "has what somebody deployed since",
      "theirs=",
      1,
      /Somebody has changed the code .*\(CodeSha256 theirs=\)/,
    ],
  ])("changes nothing where the function %s", async (_what, is, expected, words) => {
    const { code: ended, said, changes } = await run([code], { code: is, cases: [versions('"3"')] });
    expect([ended, changes.filter((line) => !line.includes(" wait "))]).toEqual([expected, []]);
    expect(said).toMatch(words);
  });

  it("fails where the version's code could not be given", async () => {
    const cases = [versions('"3"'), LINK, "*update-function-code*) echo refused >&2; exit 254 ;;"];
    const { code: ended, said } = await run([code], { code: "ours=", cases });
    expect(ended).toBe(1);
    expect(said).toContain("refused");
    expect(said).toContain("Version 3 has the own code");
  });

  it("is left as it is where what arms could not be taken out", async () => {
    const cases = ["*delete-function-concurrency*) exit 254 ;;", versions('"3"'), LINK, UPDATED];
    const { code: ended, said, changes } = await run([code, variable], { code: "ours=", cases });
    expect(ended).toBe(1);
    expect(changes).toEqual([expect.stringMatching(/^lambda delete-function-concurrency /)]);
    expect(said).toContain("Not tried: a later change of the same target is not out.");
    expect(said).toContain("2 of these calls failed");
  });
});

describe("the script that restores by hand, of code in a bucket", () => {
  const own = { sha256: Buffer.from("own").toString("base64") };
  const staged: Edit = { ref: ref("code", `${ARN}:staging`), before: own, after: { sha256: "ours=" } };

  it("gives it, and leaves what somebody deployed since", async () => {
    const cases = [`*update-function-code*) echo ${own.sha256} ;;`];
    const first = await run([staged], { code: "ours=", cases });
    expect(first.code, first.said).toBe(0);
    expect(first.changes).toEqual([
      expect.stringMatching(/^lambda update-function-code .*--s3-bucket staging --s3-key unplug\S+\.zip /),
      expect.stringMatching(/^lambda wait function-updated-v2 /),
    ]);
    const second = await run([staged], { code: "theirs=" });
    expect([second.code, second.changes]).toEqual([1, []]);
  });

  it("says what helps where the bucket has it no more", async () => {
    const cases = ["*update-function-code*) exit 254 ;;"];
    const { code: ended, said } = await run([staged], { code: "ours=", cases });
    expect(ended).toBe(1);
    expect(said).toContain("Where the bucket has it no more");
    expect(said).toContain(`unplug restore --function ${ARN} --region us-east-1 --yes.`);
  });
});

describe("the script that restores by hand, of a function's own image", () => {
  const published = (answer: string) => `*list-versions*\\!contains*r-1*) echo '${answer}' ;;`;
  const means = (answer: string) => `*describe-images*imageTag=live*) echo '${answer}' ;;`;
  /** What is asked before and after ours is taken away, as long as nobody else has it. */
  const alone = [
    `*describe-images*imageTag=unplug-r-1.orders*) echo 'sha256:${OURS}' ;;`,
    published("[]"),
    "*list-functions*) echo '[]' ;;",
    "*batch-delete-image*) echo '[]' ;;",
    `*update-function-code*) echo ${OWN} ;;`,
  ];

  it.each([
    ["by its tag while that means it", means(`sha256:${OWN}`), ":live", /^(?!.*by its digest)/s],
    [
      "by its digest where the tag means another",
      means(`sha256:${"c".repeat(64)}`),
      `@sha256:${OWN}`,
      /by its digest/,
    ],
    [
      "by its digest where the tag is gone",
      "*describe-images*imageTag=live*) exit 254 ;;",
      `@sha256:${OWN}`,
      /\(unknown\).* by its digest/,
    ],
  ])("gives it %s, waits, and takes ours away", async (_how, one, name, words) => {
    const { code: ended, said, changes } = await run(tagged, { code: OURS, cases: [one, ...alone] });

    expect(ended, said).toBe(0);
    expect(said).toMatch(words);
    expect(changes).toEqual([
      expect.stringContaining(
        `update-function-code --function-name ${ARN} --image-uri ${REPOSITORY}${name} `,
      ),
      `lambda wait function-updated-v2 --function-name ${ARN} ${WHERE}`,
      expect.stringMatching(/^ecr batch-delete-image .*unplug-r-1\.orders/),
    ]);
  });

  it("says what helps where ECR has it no more, and leaves ours, of which it is made", async () => {
    const cases = ["*describe-images*) exit 254 ;;", "*update-function-code*) exit 254 ;;"];
    const { code: ended, said, changes } = await run(tagged, { code: OURS, cases });

    expect([ended, changes.length]).toEqual([1, 1]);
    expect(said).toContain("Where ECR has it no more");
    expect(said).toContain("unplug restore r-1 tells and does it where its journal is");
    expect(said).toContain("2 of these calls failed");
  });

  it("leaves ours where somebody has published a version with it, which it names", async () => {
    const cases = [means(`sha256:${OWN}`), published('[ "7" ]'), ...alone];
    const { code: ended, said, changes } = await run(tagged, { code: OURS, cases });

    expect(ended).toBe(1);
    expect(changes.join()).not.toContain("batch-delete-image");
    expect(said).toMatch(/Somebody published versions of \S+:orders that have the image of the run.*"7"/);
  });

  it.each([
    [
      "another function has it",
      "*list-functions*) echo '[ \"billing\" ]' ;;",
      1,
      /Other functions .*"billing"/,
    ],
    ["nobody may look who has it", "*list-functions*) echo denied >&2; exit 254 ;;", 1, /denied/],
    [
      "its tag names another",
      "*describe-images*unplug-r-1*) echo sha256:c ;;",
      0,
      /names another image by now/,
    ],
    [
      "it is not there",
      "*describe-images*unplug-r-1*) echo ImageNotFoundException >&2; exit 254 ;;",
      0,
      /not there/,
    ],
  ])("leaves ours where %s", async (_where, one, expected, words) => {
    const cases = [means(`sha256:${OWN}`), one, ...alone];
    const { code: ended, said, changes } = await run(tagged, { code: OURS, cases });
    expect(ended, said).toBe(expected);
    expect(changes.join()).not.toContain("batch-delete-image");
    expect(said).toMatch(words);
  });

  it("fails where AWS deletes nothing of it, though it answers, or gave another than it was asked for", async () => {
    const refused = [means(`sha256:${OWN}`), "*batch-delete-image*) echo '[\"no\"]' ;;", ...alone];
    const first = await run(tagged, { code: OURS, cases: refused });
    expect([first.code, first.said]).toEqual([1, expect.stringContaining('It was not deleted: ["no"]')]);
    const moved = [means(`sha256:${OWN}`), "*update-function-code*) echo another ;;", ...alone];
    const second = await run(tagged, { code: OURS, cases: moved });
    expect([second.code, second.said]).toEqual([1, expect.stringContaining("was not given")]);
  });

  it("changes nothing where somebody has given the function another", async () => {
    const { code: ended, said, changes } = await run(tagged, { code: "c".repeat(64) });
    expect([ended, changes]).toEqual([1, []]);
    expect(said).toContain("Somebody has changed the code");
  });
});

it("is told to people in lines, where a run is left: what a line can do, and where none can, what does", async () => {
  const table = resourceTable(builtinResources);
  const lines = await undoLines([code, functionImage], { run: "r-1", table });
  expect(lines).toEqual([
    `# The own code of ${ARN} has to be cut out of the zip, which no line of the AWS CLI does: unplug restore r-1 does. What is in it is inert.`,
    `# While ${REPOSITORY}:live means sha256:${OWN}, it is the name to give in the next line.`,
    `aws lambda update-function-code --function-name ${ARN} --image-uri ${REPOSITORY}@sha256:${OWN} ${WHERE}`,
  ]);
});
