import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { PLACE } from "../../../../test/support/world.ts";
import type { Edit } from "../contract/edit.ts";
import type { Recorded } from "../contract/journal.ts";
import type { Place } from "../contract/place.ts";
import { builtinResources } from "../resources/index.ts";
import { byHandScript } from "./by-hand-script.ts";

/** Reserved concurrency that was put on functions of these names, one after another. */
function edited(names: readonly string[], places: readonly Place[] = [PLACE]): readonly Recorded[] {
  return names.map((name, i) => {
    const place = places[i % places.length] ?? PLACE;
    const ref = {
      kind: "concurrency",
      id: `arn:aws:lambda:us-east-1:1:function:${name}`,
      within: null,
      place,
    };
    const value = { ref, before: null, after: { reserved: 0 } };
    const intended = { edit: i + 1, step: "s", iteration: 1, target: name, value, arms: true };
    return { sequence: i + 1, at: 0, event: { type: "edit.intended", ...intended } };
  });
}

interface Shelled {
  readonly code: number;
  readonly said: string;
  /** What `aws` was asked, in order. */
  readonly asked: readonly string[];
}

/** Runs the script with an `aws` that says who it is and fails for everything that has "bad" in it. */
async function run(script: string, account = PLACE.account): Promise<Shelled> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-script-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [aws, list, file] = [join(folder, "aws"), join(folder, "asked"), join(folder, "restore.sh")];
  writeFileSync(list, "");
  writeFileSync(
    aws,
    `#!/bin/sh\necho "$*" >> '${list}'\ncase "$*" in sts*) echo ${account} ;; *bad*) exit 254 ;; esac\n`,
    { mode: 0o755 },
  );
  writeFileSync(file, script);
  const env = { PATH: `${folder}${delimiter}${process.env["PATH"]}` };
  const ended = await promisify(execFile)("sh", [file], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
  return { ...ended, asked: readFileSync(list, "utf8").trimEnd().split("\n") };
}

const scriptOf = (events: readonly Recorded[]) =>
  byHandScript("r-1", events, { resources: builtinResources });

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

  const ofImage = () => {
    const place = PLACE;
    const name = (tag: string) => `${place.account}.dkr.ecr.us-east-1.amazonaws.com/shop/orders${tag}`;
    const [id, digest] = [
      `arn:aws:lambda:us-east-1:${place.account}:function:orders`,
      `sha256:${"a".repeat(64)}`,
    ];
    const pushed = `${id}:${name(":unplug-r-1.orders")}?from=${digest}&uri=x`;
    const values: readonly Edit[] = [
      {
        ref: { kind: "image", id: pushed, within: null, place },
        before: null,
        after: { image: name(`:unplug-r-1.orders@${digest}`) },
        mayStay: true,
      },
      {
        ref: { kind: "function-image", id, within: null, place },
        before: { image: name(`@sha256:${"b".repeat(64)}`) },
        after: { image: name(`@${digest}`) },
      },
    ];
    return values.map((value, i): Recorded => {
      const intended = { edit: i + 1, step: "s", iteration: 1, target: id, value, arms: false };
      return { sequence: i + 1, at: 0, event: { type: "edit.intended", ...intended } };
    });
  };

  it("takes away what was brought once the function is without it, and waits for that", async () => {
    const { code, asked } = await run(await scriptOf(ofImage()));
    expect(code).toBe(0);
    expect(asked.slice(1)).toEqual([
      expect.stringMatching(/^lambda update-function-code .*@sha256:bbb/),
      expect.stringMatching(
        /^lambda wait function-updated-v2 --function-name arn:\S+:orders --region us-east-1/,
      ),
      expect.stringMatching(/^ecr batch-delete-image .*unplug-r-1\.orders/),
    ]);
  });

  it("leaves what was brought where the function could not be had without it", async () => {
    const script = (await scriptOf(ofImage())).replace("update-function-code", "update-function-code --bad");
    const { code, said, asked } = await run(script);
    expect(code).toBe(1);
    expect(asked.some((one) => one.startsWith("ecr"))).toBe(false);
    expect(said).toContain("Not tried: what failed may need it still.");
    expect(said).toContain("2 of these calls failed");
  });

  it("gives a function its image by the digest, and says what helps where ECR has that no more", async () => {
    const repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/orders";
    const [was, is] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`);
    const id = `arn:aws:lambda:us-east-1:123456789012:function:orders:${repository}`;
    const ref = { kind: "function-image", id, within: null, place: PLACE };
    const value = {
      ref,
      before: { image: `${repository}:live@${was}` },
      after: { image: `${repository}@${is}` },
    };
    const intended = { edit: 1, step: "s", iteration: 1, target: "orders", value, arms: false };

    const script = await scriptOf([{ sequence: 1, at: 0, event: { type: "edit.intended", ...intended } }]);

    const lines = script.split("\n").filter((line) => line.includes("orders"));
    expect(lines).toEqual([
      "# Where ECR has the image no more, the next line is refused: unplug restore --function arn:aws:lambda:us-east-1:123456789012:function:orders --region us-east-1 --yes puts it there again, out of ours.",
      `try aws lambda update-function-code --function-name arn:aws:lambda:us-east-1:123456789012:function:orders --image-uri ${repository}@${was} --region us-east-1 --endpoint-url virtual`,
    ]);
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

  it("of a run that left nothing calls nothing", async () => {
    const { code, said, asked } = await run(await scriptOf([]));
    expect([code, asked]).toEqual([0, [""]]);
    expect(said).toContain("Nothing of run r-1 is left");
  });
});
