import { describe, expect, it } from "vitest";
import { findings } from "./findings.ts";
import { fold } from "./fold.ts";
import {
  held,
  injected,
  intended,
  made,
  mappingRef,
  planned,
  record,
  restored,
  start,
} from "./recorded.fixture.ts";
import { type StoryName, stories } from "./stories.fixture.ts";

function texts(name: StoryName): readonly string[] {
  return findings(fold(stories[name])).map(({ answered, text }) => `${answered ? "yes" : "no "} ${text}`);
}

describe("findings", () => {
  it("measure a clean run", () => {
    expect(texts("clean")).toMatchInlineSnapshot(`
      [
        "yes The injection was confirmed 2 s after its first write.",
        "yes Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39 UTC).",
        "yes Polling of orders stood still for 29.1 s.",
        "yes The restore took 2.5 s to be proved.",
      ]
    `);
  });

  it("give numbers beside the words", () => {
    expect(findings(fold(stories.clean)).map(({ id, numbers }) => [id, numbers])).toMatchInlineSnapshot(`
      [
        [
          "orders-pause/confirm",
          {
            "confirmMs": [
              2000,
            ],
          },
        ],
        [
          "orders-pause/window",
          {
            "windows": [
              {
                "from": 1769860989000,
                "iteration": 1,
                "ms": 30000,
                "to": 1769861019000,
              },
            ],
          },
        ],
        [
          "orders-pause/evidence/polls/orders",
          {
            "channel": "polls",
            "subject": "orders",
            "subjectCount": 1,
            "verdict": "seen",
          },
        ],
        [
          "orders-pause/restore",
          {
            "longestUnprovedMs": 35500,
            "restoreMs": [
              2500,
            ],
          },
        ],
      ]
    `);
  });

  it("say when the hold was longer than asked", () => {
    expect(texts("overrun")).toMatchInlineSnapshot(`
      [
        "yes The injection was confirmed 2 s after its first write.",
        "yes Unplugged for 42 s, from the confirmation to the end of the hold (12:03:09 to 12:03:51 UTC).",
        "yes Held 12 s longer than asked; the machine slept or was busy.",
        "yes Polling of orders stood still for 29.1 s.",
        "yes The restore took 2.5 s to be proved.",
      ]
    `);
  });

  it("measure until when a lost fault was in", () => {
    expect(texts("lost")).toMatchInlineSnapshot(`
      [
        "yes The injection was confirmed 2 s after its first write.",
        "yes Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39 UTC).",
        "yes Mapping 4f1c (SQS orders) was lost 14 s after the confirmation: somebody took the fault out.",
        "yes The restore took 2.5 s to be proved.",
      ]
    `);
  });

  it("end the window with the loss when every target was lost", () => {
    const lost = (seconds: number, id: string) =>
      [
        seconds,
        {
          type: "inject.lost",
          step: "orders-pause",
          iteration: 1,
          ref: mappingRef(id),
          reason: "x",
          now: null,
        },
      ] as const;
    const events = record([
      ...start(),
      planned(),
      ...injected(),
      lost(16, "4f1c"),
      lost(21, "9e2b"),
      held(),
      ...restored(),
    ]);
    const window = findings(fold(events)).find(({ kind }) => kind === "window");
    expect(window?.numbers).toMatchObject({ windows: [{ ms: 15_000 }] });
  });

  it("leave the letters of a name as they are", () => {
    const told = (text: string) => {
      const answer = {
        about: "time-to-failure",
        subject: "orders",
        answered: true,
        grounds: "",
        numbers: {},
      };
      const answered = { type: "answered" as const, step: "orders-pause", answers: [{ ...answer, text }] };
      const view = fold(record([...start(), planned(), [9, answered]]));
      return findings(view).map((finding) => finding.text);
    };

    expect(told("orders ends by its own timeout.")).toEqual(["orders ends by its own timeout."]);
    expect(told("at least 1 of it ends.")).toEqual(["At least 1 of it ends."]);
  });

  it("put drift in words", () => {
    expect(texts("drift")).toMatchInlineSnapshot(`
      [
        "yes The injection was confirmed 2 s after its first write.",
        "yes Unplugged for 30 s, from the confirmation to the end of the hold (12:03:09 to 12:03:39 UTC).",
        "yes Polling of orders stood still for 29.1 s.",
        "yes The restore took 2 s to be proved.",
        "yes Somebody else changed mapping 4f1c (SQS orders): batchSize was (none), is 5. Our part is out; nothing of theirs was overwritten.",
      ]
    `);
  });

  it("name what was deleted", () => {
    expect(texts("gone").filter((text) => text.includes("deleted"))).toMatchInlineSnapshot(`
      [
        "yes Mapping 4f1c (SQS orders) was deleted while the run went on; nothing of ours is left of it.",
      ]
    `);
  });

  it("leave open what is not proved out", () => {
    const open: readonly StoryName[] = ["pending", "restoreFailed", "leave", "died"];
    expect(open.map((name) => texts(name).filter((text) => text.startsWith("no")))).toMatchInlineSnapshot(`
      [
        [
          "no  The restore is not proved.",
          "no  Mapping 9e2b (SQS refunds): put back, but AWS is still at it (Enabling).",
        ],
        [
          "no  The restore is not proved.",
          "no  Mapping 9e2b (SQS refunds): not put back: AccessDeniedException: lambda:UpdateEventSourceMapping: not authorized.",
        ],
        [
          "no  Mapping 4f1c (SQS orders): left in on the word of lee@ops.",
          "no  Mapping 9e2b (SQS refunds): left in on the word of lee@ops.",
        ],
        [
          "no  Mapping 4f1c (SQS orders): not put back.",
          "no  Mapping 9e2b (SQS refunds): not put back.",
        ],
      ]
    `);
  });

  it("say nothing of a run that injected nothing", () => {
    expect(texts("refused")).toEqual([]);
  });

  it("tell many iterations in one sentence", () => {
    const second = [
      [70, { type: "iteration.started", step: "orders-pause", iteration: 2, targets: [mappingRef("4f1c")] }],
      intended(70, 3, "4f1c", { iteration: 2 }),
      made(71, 3),
      [75, { type: "inject.confirmed", step: "orders-pause", iteration: 2 }],
      [106, { type: "hold.ended", step: "orders-pause", iteration: 2, overrunMs: 0 }],
    ] as const;
    const view = fold(
      record([...start(), planned("orders-pause", 2), ...injected(), held(), ...restored(), ...second]),
    );
    expect(findings(view).map(({ text }) => text)).toMatchInlineSnapshot(`
      [
        "The injection was confirmed 2 s to 5 s after its first write.",
        "Unplugged for 30 s to 31 s in each of 2 iterations, from the confirmation to the end of the hold.",
        "The restore is not proved.",
        "Mapping 4f1c (SQS orders): not put back.",
      ]
    `);
  });

  it("have ids that are theirs alone", () => {
    for (const events of Object.values(stories)) {
      const ids = findings(fold([...events, ...events.filter(({ event }) => event.type === "evidence")])).map(
        ({ id }) => id,
      );
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it("does not claim a hold's end that nobody saw", () => {
    const texts = findings(fold(stories.diedThenRestored)).map(({ text }) => text);
    expect(texts[1]).toBe(
      "Unplugged for at most 1 min 34 s, from the confirmation until the restore began; the run's process died meanwhile (12:03:09 to 12:04:43 UTC).",
    );
  });
});
