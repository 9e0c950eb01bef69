import { expect, it } from "vitest";
import { fold } from "./fold.ts";
import { record, sampled } from "./recorded.fixture.ts";
import { newView } from "./run-view.ts";
import { showText } from "./show-text.ts";
import { stories } from "./stories.fixture.ts";

it("shows a run in full: steps, timeline, edits, measures, summary", () => {
  expect(`\n${showText(fold(stories.clean, newView("r1")), { width: 72 })}\n`).toMatchInlineSnapshot(`
    "
    Step orders-pause
      state     done
      fault     lambda-toggle-event-mapping-state
      place     account 123456789012, region us-east-1
      identity  arn:aws:iam::123456789012:user/dana
      warning   The hold is shorter than the 90 s for which AWS may go on polling.
      target    mapping 4f1c (SQS orders): proved
      target    mapping 9e2b (SQS refunds): proved

    Timeline (UTC)
    12:03:03 +0.0s run r1 of orders-survives started by dana@laptop (Unplug 0.1.0)
    12:03:04 +1.0s planned: 2 targets, 1 iteration, nothing is unplugged after 2026-01-31 12:13:03 UTC
    12:03:06 +3.0s injecting into 2 targets
    12:03:09 +6.0s confirmed: 2 targets unplugged
    12:03:09 +6.0s held until 12:03:39
    12:03:39 +36.0s hold ended
    12:03:40 +37.0s restoring (dana@laptop)
    12:04:01 +58.0s evidence  Polling of orders stood still for 29.1 s.
    12:04:03 +1m00s finished
    12:04:03 +1m00s closed: nothing of ours is left

    Edits (UTC)
      #  IN        OUT       STATE   WHAT                        CHANGE
      1  12:03:07  12:03:42  proved  mapping 4f1c (SQS orders)   enabled: true -> false
      2  12:03:07  12:03:42  proved  mapping 9e2b (SQS refunds)  enabled: true -> false

    orders-pause: messages visible, orders
    28 ┤                                   ⢀⡠⠤⠒⠉⠒⠤⣀
       ┤                              ⣀⡠⠔⠒⠉⠁       ⠉⠢⢄⡀
       ┤                         ⣀⡠⠔⠒⠉                ⠈⠑⠢⣀
       ┤                    ⣀⡠⠔⠒⠉                         ⠉⠒⠤⡀
       ┤               ⣀⠤⠔⠊⠉                                 ⠈⠑⠢⢄⡀
       ┤          ⣀⠤⠔⠊⠉                                          ⠈⠑⠤⣀
       ┤    ⢀⣀⠤⠔⠊⠉                                                   ⠉⠒⢄⡀
     0 ┤⣀⠤⠒⠊⠁                                                           ⠈⠑⠢⢄
              ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀ unplugged
        12:03:05                                                    12:03:53

    orders-survives  run r1, began 2026-01-31 12:03:03 UTC, 1 min

    Injection   confirmed, effect seen on orders
    Hypothesis  none stated
    Restore     proved: every target's configuration was read as it was
                  before. The workload was watched after it.

    Findings
      • The injection was confirmed 2 s after its first write.
      • Unplugged for 30 s, from the confirmation to the end of the hold
        (12:03:09 to 12:03:39 UTC).
      • Polling of orders stood still for 29.1 s.
      • The restore took 2.5 s to be proved.

    PASSED: injection confirmed, effect seen on orders; restore proved. Exit 0: hypothesis met, or none stated.
    "
  `);
});

it("gives a run that goes on no verdict, but says how to end it", () => {
  const view = fold(stories.died, newView("r1"));
  const alive = showText(view, {}, { alive: true });
  expect(alive.split("\n").at(-1)).toBe(
    "Run r1 goes on: holding until 12:03:39 UTC; end it with: unplug abort r1",
  );
  expect(alive).toMatch(/state +running/);
  expect(alive).not.toMatch(/ERROR|ended before|restore r1/);
  expect(showText(view)).toMatch(/state +cut-short/);
});

it("draws no plot of what was zero all the time", () => {
  const samples = (value: number) => [
    ...stories.stateOnly,
    ...record([sampled(2, "baseline", 0), sampled(12, "fault", value)]),
  ];
  expect(showText(fold(samples(3)))).toContain("messages visible, orders");
  expect(showText(fold(samples(0)))).not.toContain("messages visible, orders");
});

it("shows what became of each edit", () => {
  const states = (name: keyof typeof stories) =>
    showText(fold(stories[name], newView("r1")))
      .split("\n")
      .filter((line) => /^ {2}[12] /.test(line));
  expect([...states("injectFailed"), ...states("died"), ...states("pending")]).toMatchInlineSnapshot(`
    [
      "  1  12:03:07  12:03:10  proved       mapping 4f1c (SQS orders)   enabled: true -> false",
      "  2  12:03:07  -         not written  mapping 9e2b (SQS refunds)  enabled: true -> false",
      "  1  12:03:07  -    made   mapping 4f1c (SQS orders)   enabled: true -> false",
      "  2  12:03:07  -    made   mapping 9e2b (SQS refunds)  enabled: true -> false",
      "  1  12:03:07  12:03:42  proved   mapping 4f1c (SQS orders)   enabled: true -> false",
      "  2  12:03:07  12:18:40  pending  mapping 9e2b (SQS refunds)  enabled: true -> false",
    ]
  `);
});
