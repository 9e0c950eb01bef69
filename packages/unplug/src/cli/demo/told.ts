import { wrap } from "../../report/wrap.ts";
import { lookOf } from "../look.ts";
import type { Shell } from "../shell.ts";

/** Wider, nobody reads well. */
const WIDEST = 100;

/** What the shop's own books say of one question. */
export interface Claim {
  readonly holds: boolean;
  readonly text: string;
}

/** Columns of a demo's own text. */
export function widthOf({ stdout, env }: Shell): number {
  return Math.min(lookOf(stdout, env).width, WIDEST);
}

/** A paragraph, with an empty line before it. */
export function tell(shell: Shell, text: string): void {
  shell.stdout.write(`\n${wrap(text, widthOf(shell)).join("\n")}\n`);
}

/** One line for each, longer ones broken; answers whether all hold. */
export function tellClaims(shell: Shell, claims: readonly Claim[]): boolean {
  const { style, unicode } = lookOf(shell.stdout, shell.env);
  const [yes, no] = unicode ? ["✔", "✘"] : ["ok", "NOT"];
  for (const { holds, text } of claims) {
    const mark = holds ? style.green(yes) : style.red(no);
    const lines = wrap(text, widthOf(shell) - 4).map((line, i) => `  ${i === 0 ? mark : " "} ${line}`);
    shell.stdout.write(`${lines.join("\n")}\n`);
  }
  return claims.every(({ holds }) => holds);
}
