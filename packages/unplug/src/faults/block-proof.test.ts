import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { AwsError } from "../contract/aws.ts";
import type { Target } from "../contract/fault.ts";
import { invokeOnce, judgeInvocations } from "./block-proof.ts";
import { lambdaBlockTcpConnection as fault } from "./lambda-block-tcp-connection.ts";

const TARGETS = { TARGET_HOSTNAMES: "db.internal" };
const ASKED = { proof: "invoke", proofPayload: '{"id":1}' } as const;
const NOT_ASKED = { proof: "log", proofPayload: "" } as const;
const LOG = `START RequestId: 1
unplug: armed pid=1 run=r-1 behavior=refuse targets=1
unplug: blocked pid=1 n=1 behavior=refuse to=10.0.0.5:5432 target=db.internal
unplug: blocked pid=1 n=2 behavior=refuse to=10.0.0.5:5432 target=db.internal`;

async function trialOf(answer: (input: unknown) => unknown) {
  const trial = await FaultTrial.of(fault, {}, { "lambda:Invoke": answer });
  const { targets } = await trial.targets({ ...TARGETS, PROOF: "invoke" });
  return { io: trial.io, targets: targets.map((target): Target => ({ ...target, state: null })) };
}

describe("a proof by invocation", () => {
  it("invokes once with the payload and counts what the end of the log shows", async () => {
    const inputs: unknown[] = [];
    const { io, targets } = await trialOf((input) => {
      inputs.push(input);
      return { LogResult: Buffer.from(LOG).toString("base64") };
    });

    const samples = await invokeOnce(targets, ASKED, io);

    const FunctionName = expect.stringMatching(/:function:orders$/);
    expect(inputs).toEqual([{ FunctionName, Payload: Buffer.from('{"id":1}'), LogType: "Tail" }]);
    expect(samples).toMatchObject([{ subject: "orders", value: 2 }]);
    const timed = samples.map((sample) => ({ ...sample, at: 1_500 }));
    const [found, ...more] = judgeInvocations(targets, ASKED, timed);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ verdict: "seen", numbers: { invocations: 1, blocked: 2 } });
    expect(found?.text).toBe("At least 2 connects were blocked in the run's own invocation of orders.");
  });

  it("calls nothing and says nothing when it is not asked for", async () => {
    const { io, targets } = await trialOf(() => {
      throw new Error("It was invoked.");
    });

    expect(await invokeOnce(targets, NOT_ASKED, io)).toEqual([]);
    expect(judgeInvocations(targets, NOT_ASKED, [])).toEqual([]);
  });

  it("says when there was no answer, and when nothing was blocked", async () => {
    const { io, targets } = await trialOf(() => {
      const about = {
        code: "AccessDeniedException",
        status: 403,
        outcome: "refused",
        message: "no",
      } as const;
      throw new AwsError("lambda:Invoke", about);
    });
    await expect(invokeOnce(targets, ASKED, io)).rejects.toThrow("no");
    expect(judgeInvocations(targets, ASKED, [])).toMatchObject([
      { verdict: "unreadable", text: expect.stringContaining("lambda:InvokeFunction") },
    ]);

    const idle = await invokeOnce(targets, ASKED, (await trialOf(() => ({}))).io);
    const samples = idle.map((sample) => ({ ...sample, at: 1_500 }));
    expect(judgeInvocations(targets, ASKED, samples)).toMatchObject([
      { verdict: "absent", text: expect.stringContaining("PROOF_PAYLOAD") },
    ]);
  });

  it("needs a permission, warns and calls the alias only when it is asked for", async () => {
    const trial = await FaultTrial.of(fault, { alias: "live" });
    const asked = await trial.targets({ ...TARGETS, PROOF: "invoke", QUALIFIER: "live" });
    const plain = await trial.targets(TARGETS);

    expect(asked.targets[0]?.arns?.["lambda:Invoke"]).toMatch(/:function:orders$/);
    expect(asked.targets[0]?.about["called"]).toMatch(/:function:orders:live$/);
    expect(asked.warnings.join()).toContain("invokes orders once");
    expect(plain.targets[0]?.arns?.["lambda:Invoke"]).toEqual([]);
    expect(plain.warnings.join()).not.toContain("invokes");
  });

  it("takes no payload that is not JSON", async () => {
    const trial = await FaultTrial.of(fault);

    const refused = trial.targets({ ...TARGETS, PROOF_PAYLOAD: "{" });
    await expect(refused).rejects.toThrow("PROOF_PAYLOAD must be JSON");
  });
});
