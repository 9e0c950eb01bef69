/** Nothing was changed, and why: each culprit on a line, then what to do. Exit code 3. */
export class Refusal extends Error {
  readonly culprits: readonly string[];
  readonly remedy: string;
  /** What was found unfit, by `refKey`: a run that holds one of them may be the reason. */
  readonly keys: readonly string[];

  constructor(summary: string, culprits: readonly string[] = [], remedy = "", keys: readonly string[] = []) {
    super(
      [summary, ...culprits.map((culprit) => `  - ${culprit}`), ...(remedy === "" ? [] : [remedy])].join(
        "\n",
      ),
    );
    this.name = "Refusal";
    this.culprits = culprits;
    this.remedy = remedy;
    this.keys = keys;
  }
}

/** Something of ours may be left, and cannot be taken out of what somebody has made of it: nobody is told that nothing is left. */
export class PartStays extends Refusal {
  constructor(summary: string) {
    super(summary);
    this.name = "PartStays";
  }
}
