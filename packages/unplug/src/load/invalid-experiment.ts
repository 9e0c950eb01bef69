/** What was asked for cannot be run as written; nothing was called. Exit code 2. */
export class InvalidExperiment extends Error {
  /** One line each: where, what, what was expected, what to do. What is no YAML has its place in the file drawn below. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "InvalidExperiment";
    this.problems = problems;
  }
}
