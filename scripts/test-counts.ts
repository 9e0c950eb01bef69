export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What a run of the tests came to. */
export interface TestCounts extends Counts {
  /** Why tests did not run on this machine, and how many of the skipped ones these are. */
  readonly notRun: ReadonlyMap<string, number>;
  /** Skipped without such a reason: `file: name`. */
  readonly skippedNames: readonly string[];
  /** What failed, each ready to print with its first complaint: `file: name`, and what was said below it. */
  readonly failures: readonly string[];
}

/** So many lines of a complaint tell what it is about; all of it stands above. */
const COMPLAINT_LINES = 24;

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Why the file itself failed. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[] | null;
      readonly meta?: { readonly notRun?: string };
    }[];
  }[];
}

/**
 * Counts vitest's JSON report (null when it wrote none). A file that fails without a failed test (it did not load), and
 * a run that fails without a failed file, count as one failure each, so that nothing broken counts as nothing.
 */
export function countTests(report: string | null, exitCode: number): TestCounts {
  const { testResults }: Report = report === null ? { testResults: [] } : JSON.parse(report);
  const tests = testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: file.name })),
  );
  const passed = tests.filter(({ status }) => status === "passed").length;
  const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  const failures = [
    ...tests
      .filter(({ status }) => status === "failed")
      .map(({ file, fullName, failureMessages }) => failure(`${file}: ${fullName}`, failureMessages?.[0])),
    ...testResults
      .filter(
        (file) =>
          file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
      )
      .map(({ name, message }) => failure(name, message)),
  ];
  const notRun = new Map<string, number>();
  for (const { meta } of skipped) {
    if (meta?.notRun !== undefined) notRun.set(meta.notRun, (notRun.get(meta.notRun) ?? 0) + 1);
  }
  return {
    passed,
    failed: failures.length === 0 && exitCode !== 0 ? 1 : failures.length,
    skipped: skipped.length,
    notRun,
    skippedNames: skipped
      .filter(({ meta }) => meta?.notRun === undefined)
      .map(({ file, fullName }) => `${file}: ${fullName}`),
    failures,
  };
}

function failure(name: string, complaint = ""): string {
  const lines = complaint.split("\n").filter((line) => line.trim() !== "");
  return [name, ...lines.slice(0, COMPLAINT_LINES).map((line) => `    ${line.slice(0, 400)}`)].join("\n");
}

/** A line and more for each failure: once more, and last, since of a long log people see the end first. */
export function failureLines({ failures }: TestCounts, root: string): readonly string[] {
  return failures.map((failure) => `failed: ${failure.replaceAll(`${root}/`, "")}`);
}

/** The last line of every lane. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
