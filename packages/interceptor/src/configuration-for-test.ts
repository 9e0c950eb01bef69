import { fc } from "../../../test/support/fast-check.ts";
import { behaviors, type Configuration } from "./configuration.ts";
import { parseTarget, type Target } from "./target.ts";

/** The targets that these texts are. Throws for what is none. */
export function targetsOf(...texts: string[]): Target[] {
  return texts.map((text) => {
    const parsed = parseTarget(text);
    if ("problem" in parsed) throw new Error(parsed.problem);
    return parsed.target;
  });
}

const port = fc.option(fc.integer({ min: 1, max: 65_535 }));
const host = fc.oneof(
  fc.domain(),
  fc.domain().map((name) => `*.${name}`),
  fc.ipV4(),
  fc.ipV6(),
  fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
);
const target = fc
  .tuple(host, port)
  .map(([name, number]) => {
    if (number === null) return name;
    return name.includes(":") ? `[${name}]:${number}` : `${name}:${number}`;
  })
  .map((text) => parseTarget(text))
  .filter((parsed) => "target" in parsed)
  .map(({ target: found }) => found);
const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => targetsOf(text)[0]?.text ?? "");
const known = fc.record({ name: fc.domain().filter((name) => "target" in parseTarget(name)), address });
/** Configurations with a bit of everything; the end may be past. */
export const anyConfiguration: fc.Arbitrary<Configuration> = fc
  .record({
    behavior: fc.constantFrom(...behaviors),
    timeoutMs: fc.integer({ min: 1000, max: 3_600_000 }),
    percentage: fc.nat(100),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fromSeconds: fc.option(fc.integer({ min: 1, max: 4_294_967_295 })),
    untilSeconds: fc.option(fc.integer({ min: 1, max: 4_294_967_295 })),
    run: fc.option(fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/)),
    ifSet: fc.option(fc.constantFrom("PATH", "_A1", "LAMBDA_TASK_ROOT")),
    unless: fc.option(
      fc.record({ name: fc.constantFrom("PATH", "_B"), value: fc.stringMatching(/^[!-:<-~]{1,9}$/) }),
    ),
    tallyPath: fc.option(fc.stringMatching(/^\/[!-:<-~]{1,40}$/)),
    targets: fc.array(target, { maxLength: 6 }),
    known: fc.array(known, { maxLength: 3 }),
    exempt: fc.array(address, { maxLength: 3 }),
  })
  .map((any) => (isInOrder(any) ? any : { ...any, fromSeconds: null }));

function isInOrder({
  fromSeconds,
  untilSeconds,
}: Pick<Configuration, "fromSeconds" | "untilSeconds">): boolean {
  return fromSeconds === null || untilSeconds === null || fromSeconds < untilSeconds;
}
