import { describe, expect, it } from "vitest";
import { fold } from "./fold.ts";
import { exitCode } from "./outcome.ts";
import { newView } from "./run-view.ts";
import { type StoryName, stories } from "./stories.fixture.ts";
import { lastLine, summaryText } from "./summary-text.ts";

function summary(name: StoryName): string {
  return `\n${summaryText(fold(stories[name], newView("r1")), { width: 90 })}\n`;
}

describe("summaryText", () => {
  it("keeps injection, hypothesis and restore apart", () => {
    expect(summary("clean")).toMatchInlineSnapshot(`
      "
      orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 1 min

      Injection   confirmed, effect seen on orders
      Hypothesis  none stated
      Restore     proved: every target's configuration was read as it was before. The workload
                    was watched after it.

      Findings
        • The injection was confirmed 2 s after its first write.
        • Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39
          UTC).
        • Polling of orders stood still for 29.1 s.
        • The restore took 2.5 s to be proved.

      PASSED: injection confirmed, effect seen on orders; restore proved. Exit 0: hypothesis met, or none stated.
      "
    `);
  });

  it("names a few of a thousand queues and counts the others", () => {
    const thousand = stories.clean.map((recorded) => {
      const { event } = recorded;
      if (event.type !== "evidence") return recorded;
      const evidence = Array.from({ length: 1000 }, (_, i) => ({
        channel: "queue depth",
        subject: `orders-${i}`,
        verdict: "no-traffic" as const,
        text: `The backlog of orders-${i} did not grow.`,
        numbers: {},
      }));
      return { ...recorded, event: { ...event, evidence } };
    });
    const text = summaryText(fold(thousand, newView("r1")), { width: 90 });
    expect(text.split("\n").length).toBeLessThan(30);
    expect(text).toContain("no traffic on orders-0, orders-1, orders-2 and 997 more");
    expect(text).toContain("997 more like these: --format json, or --out, has them all.");
  });

  it("says why a run rests on state alone", () => {
    expect(summary("stateOnly")).toMatchInlineSnapshot(`
      "
      orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 1 min

      Injection   confirmed, state only: AWS says so, and nothing that could show the effect was
                    read
      Hypothesis  none stated
      Restore     proved: every target's configuration was read as it was before. The effect on
                    the workload after it was not observed.

      Findings
        • The injection was confirmed 2 s after its first write.
        • Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39
          UTC).
        • The restore took 2.5 s to be proved.

      PASSED: injection confirmed, state only: AWS says so, and nothing that could show the effect was read; restore proved. Exit 0: hypothesis met, or none stated.
      "
    `);
  });

  it("gives a refusal in full", () => {
    expect(summary("refused")).toMatchInlineSnapshot(`
      "
      orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 1 s

      Injection   skipped: the run ended before it
      Hypothesis  none stated
      Restore     not needed: nothing was changed

      Refused
        Not every mapping can be switched off.
          - 9e2b is Disabled
        The mappings of orders: 4f1c (SQS orders) Enabled.

      ERROR: nothing was injected; nothing to restore (refused: Not every mapping can be switched off). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      "
    `);
  });

  it("shows drift field by field", () => {
    expect(summary("drift")).toMatchInlineSnapshot(`
      "
      orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 1 min

      Injection   confirmed, effect seen on orders
      Hypothesis  none stated
      Restore     drifted: our part is out; somebody else changed or deleted a target. The
                    effect on the workload after it was not observed.

      Findings
        • The injection was confirmed 2 s after its first write.
        • Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39
          UTC).
        • Polling of orders stood still for 29.1 s.
        • The restore took 2 s to be proved.

      Drift (was before -> is now; nothing of it is ours)
        mapping 4f1c (SQS orders)
          batchSize: (none) -> 5

      PASSED: injection confirmed, effect seen on orders; our part is out, proved. Drift: somebody else changed mapping 4f1c (SQS orders). Exit 0: hypothesis met, or none stated.
      "
    `);
  });

  it("says what is left and how to mend it", () => {
    expect(summary("restoreFailed")).toMatchInlineSnapshot(`
      "
      orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 40 s

      Injection   confirmed, state only: AWS says so, and nothing that could show the effect was
                    read
      Hypothesis  none stated
      Restore     failed: not everything of ours is proved out, see below

      Findings
        • The injection was confirmed 2 s after its first write.
        • Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39
          UTC).
        • Not answered: The restore is not proved.

      Left in
        mapping 9e2b (SQS refunds)  not put back: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized
        Mend it with: unplug restore r1

      ERROR: injection confirmed, state only: AWS says so, and nothing that could show the effect was read; restore NOT proved (not proved out: mapping 9e2b (SQS refunds)). Run "unplug restore r1". Exit 4: something of ours is not proved out of a target; someone must act.
      "
    `);
    expect(summary("leave")).toMatchInlineSnapshot(`
      "
      orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 37 s

      Injection   confirmed, state only: AWS says so; aborted before the effect was judged
      Hypothesis  none stated
      Restore     failed: not everything of ours is proved out, see below

      Findings
        • The injection was confirmed 2 s after its first write.
        • Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39
          UTC).

      Left in
        mapping 4f1c (SQS orders)   left in on the word of lee@ops
        mapping 9e2b (SQS refunds)  left in on the word of lee@ops
        Mend it with: unplug restore r1

      ABORTED: injection confirmed, state only: AWS says so; aborted before the effect was judged; restore NOT proved (not proved out: mapping 4f1c (SQS orders), mapping 9e2b (SQS refunds); aborted by lee@ops, leaving the fault in). Run "unplug restore r1". Exit 4: something of ours is not proved out of a target; someone must act.
      "
    `);
  });

  it("breaks its last line at a terminal's width, and not for a pipe", () => {
    const view = fold(stories.clean);
    const lines = lastLine(view, { width: 60, terminal: true }).split("\n");
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(lastLine(view, { width: 60 })).not.toContain("\n");
  });

  it("tells a run whose process died", () => {
    expect(summary("died")).toMatchInlineSnapshot(`
      "
      orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 6 s

      Injection   confirmed, state only: AWS says so; its process died before the effect was
                    judged
      Hypothesis  none stated
      Restore     not restored yet: unplug restore r1

      Findings
        • The injection was confirmed 2 s after its first write.

      Left in
        mapping 4f1c (SQS orders)   not put back
        mapping 9e2b (SQS refunds)  not put back
        Mend it with: unplug restore r1

      ERROR: injection confirmed, state only: AWS says so; its process died before the effect was judged; not restored yet (not proved out: mapping 4f1c (SQS orders), mapping 9e2b (SQS refunds); its process ended before the run did). Run "unplug restore r1". Exit 4: something of ours is not proved out of a target; someone must act.
      "
    `);
  });

  it("is plain ASCII when it must be", () => {
    for (const events of Object.values(stories)) {
      expect(summaryText(fold(events, newView("r1")), { unicode: false })).toMatch(/^[\n\x20-\x7e]*$/);
    }
  });
});

describe("lastLine", () => {
  it("says it all, for every ending", () => {
    const lines = Object.values(stories).map((events) => lastLine(fold(events, newView("r1"))));
    expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      PASSED: injection confirmed, effect seen on orders; restore proved. Exit 0: hypothesis met, or none stated.
      PASSED: injection confirmed, state only: AWS says so, and nothing that could show the effect was read; restore proved. Exit 0: hypothesis met, or none stated.
      PASSED: injection confirmed, effect seen on orders; no traffic on refunds; restore proved. Exit 0: hypothesis met, or none stated.
      INCONCLUSIVE: injection confirmed, state only: there was traffic and no effect shows on orders; restore proved (orders-pause shows no effect: Polling of orders never paused, while 40 messages came). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      INCONCLUSIVE: injection confirmed, state only: no readable channel for orders; restore proved (orders-pause rests on state alone, and an effect is required). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      PASSED: injection confirmed, effect seen on orders; restore proved. Exit 0: hypothesis met, or none stated.
      ERROR: nothing was injected; nothing to restore (refused: Not every mapping can be switched off). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      ERROR: nothing was injected; nothing to restore (orders-pause was refused: Not every mapping can be switched off). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      ERROR: injection failed; restore proved (orders-pause was not injected: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      ERROR: injection failed; restore proved (orders-pause was not injected: ETIMEDOUT: no answer). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      INCONCLUSIVE: injection lost, state only: AWS says so, and nothing that could show the effect was read; restore proved (orders-pause was lost in the hold). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      PASSED: injection confirmed, effect seen on orders; our part is out, proved. Drift: somebody else changed mapping 4f1c (SQS orders). Exit 0: hypothesis met, or none stated.
      PASSED: injection confirmed, effect seen on orders; our part is out, proved. Gone: somebody deleted mapping 4f1c (SQS orders). Exit 0: hypothesis met, or none stated.
      ERROR: injection confirmed, state only: AWS says so, and nothing that could show the effect was read; restore NOT proved (not proved out: mapping 9e2b (SQS refunds)). Run "unplug restore r1". Exit 4: something of ours is not proved out of a target; someone must act.
      ERROR: injection confirmed, state only: AWS says so, and nothing that could show the effect was read; restore NOT proved (not proved out: mapping 9e2b (SQS refunds)). Run "unplug restore r1". Exit 4: something of ours is not proved out of a target; someone must act.
      ABORTED: injection confirmed, state only: AWS says so; aborted before the effect was judged; restore proved (aborted by dana@laptop (SIGINT)). Exit 130: ended by SIGINT; nothing of ours is left in.
      ABORTED: injection confirmed, state only: AWS says so; aborted before the effect was judged; restore proved (aborted by dana@laptop (SIGTERM)). Exit 143: ended by SIGTERM; nothing of ours is left in.
      ABORTED: injection confirmed, state only: AWS says so; aborted before the effect was judged; restore proved (aborted by dana@laptop (SIGHUP)). Exit 129: ended by SIGHUP; nothing of ours is left in.
      ABORTED: injection confirmed, state only: AWS says so; aborted before the effect was judged; restore proved (aborted by lee@ops). Exit 5: aborted; nothing of ours is left in.
      ABORTED: injection not confirmed; restore proved (aborted by dana@laptop (SIGINT)). Exit 130: ended by SIGINT; nothing of ours is left in.
      ABORTED: injection confirmed, state only: AWS says so; aborted before the effect was judged; restore NOT proved (not proved out: mapping 4f1c (SQS orders), mapping 9e2b (SQS refunds); aborted by lee@ops, leaving the fault in). Run "unplug restore r1". Exit 4: something of ours is not proved out of a target; someone must act.
      ERROR: injection confirmed, state only: AWS says so, and nothing that could show the effect was read; restore proved (the journal was lost: JOURNAL_LOST: disk full). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      ERROR: injection confirmed, state only: AWS says so, and nothing that could show the effect was read; restore proved (TypeError: x is not a function). Exit 70: a defect in Unplug.
      ERROR: injection confirmed, state only: AWS says so; its process died before the effect was judged; not restored yet (not proved out: mapping 4f1c (SQS orders), mapping 9e2b (SQS refunds); its process ended before the run did). Run "unplug restore r1". Exit 4: something of ours is not proved out of a target; someone must act.
      ERROR: injection confirmed, state only: AWS says so; its process died before the effect was judged; restore proved (its process ended before the run did). Exit 3: no valid answer (refused, not injected, inconclusive, cut short, or a probe erred); nothing of ours is left in.
      "
    `);
  });

  it("is one line that ends the summary and names the exit code", () => {
    for (const events of Object.values(stories)) {
      const view = fold(events, newView("r1"));
      const line = lastLine(view);
      expect(line).not.toContain("\n");
      expect(line).toContain(`Exit ${exitCode(view)}: `);
      expect(summaryText(view).split("\n").at(-1)).toBe(line);
    }
  });

  it("names drift and what is gone although they change no code", () => {
    expect(lastLine(fold(stories.drift))).toContain(
      "Drift: somebody else changed mapping 4f1c (SQS orders).",
    );
    expect(lastLine(fold(stories.gone))).toContain("Gone: somebody deleted mapping 4f1c (SQS orders).");
  });

  it("restores everything when nobody said which run it is", () => {
    expect(lastLine(fold(stories.died))).toContain('Run "unplug restore --all"');
  });
});
