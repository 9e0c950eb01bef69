import { expect, it } from "vitest";
import { fold } from "./fold.ts";
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
    12:03:03 +0.0s run  run r1 of orders-survives started by dana@laptop (Unplug 0.1.0)
    12:03:04 +1.0s orders-pause  planned: 2 targets, 1 iteration, nothing is unplugged after 2026-01-31 12:13:03 UTC
    12:03:06 +3.0s orders-pause  iteration 1 of 1  injecting into 2 targets
    12:03:09 +6.0s orders-pause  iteration 1 of 1  confirmed: 2 targets unplugged
    12:03:09 +6.0s orders-pause  iteration 1 of 1  held until 12:03:39
    12:03:39 +36.0s orders-pause  iteration 1 of 1  hold ended
    12:03:40 +37.0s orders-pause  iteration 1 of 1  restoring (dana@laptop)
    12:03:42 +39.5s orders-pause  iteration 1 of 1  ended
    12:04:01 +58.0s orders-pause  evidence  Polling of orders stood still for 29.1 s.
    12:04:03 +1m00s run  finished
    12:04:03 +1m00s run  closed: nothing of ours is left

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
      • orders-pause: the injection was confirmed 2 s after its first write.
      • orders-pause: unplugged for 30 s, from the confirmation to the end
        of the hold (12:03:09 to 12:03:39 UTC).
      • Polling of orders stood still for 29.1 s.
      • orders-pause: the restore took 2.5 s to be proved.

    PASSED: injection confirmed, effect seen on orders; restore proved. Exit 0: hypothesis met, or none stated.
    "
  `);
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
