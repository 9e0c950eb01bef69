import { execFileSync } from "node:child_process";
import type { Architecture } from "../../packages/interceptor/src/architecture.ts";

/** The programs of binutils that come with each compiler. */
const disassemblers = {
  x86_64: { command: "objdump", machine: "i386:x86-64" },
  arm64: { command: "aarch64-linux-gnu-objdump", machine: "aarch64" },
} as const satisfies Record<Architecture, unknown>;

export interface Instruction {
  readonly address: number;
  readonly name: string;
  /** As the disassembler writes them, less its remarks. */
  readonly operands: string;
}

/** Every instruction of a blob's code, which begins at its entry and ends with the blob. */
export function instructionsOf(
  path: string,
  architecture: Architecture,
  entry: number,
): readonly Instruction[] {
  const { command, machine } = disassemblers[architecture];
  const args = ["-D", "-b", "binary", "-m", machine, "--no-show-raw-insn", `--start-address=${entry}`, path];
  const lines = execFileSync(command, args, { timeout: 60_000, encoding: "utf8", maxBuffer: 2 ** 26 }).split(
    "\n",
  );
  return lines.flatMap((line) => {
    const [, address, name, operands] = /^\s*([0-9a-f]+):\s+(\S+)\s*(.*?)\s*(?:\/\/.*)?$/.exec(line) ?? [];
    if (address === undefined || name === undefined) return [];
    return [{ address: Number.parseInt(address, 16), name, operands: operands ?? "" }];
  });
}

/** General registers are all that a hook may use, and on arm64 neither the platform's nor Go's own. */
const forbidden = {
  // What is computed on the floating-point stack names no register; then %st, %mm, %xmm, %ymm, %zmm, and masks.
  x86_64: /^(f|emms)|%(st\b|[xyz]?mm\d|k\d)/,
  arm64: /^(?!\.inst).*(?<![\w#])([vqdsbhz]\d+|[xw](18|28))(?!\w)/,
} as const satisfies Record<Architecture, RegExp>;

/** The instructions that use a register which is not the hook's to use. */
export function misusesIn(code: readonly Instruction[], architecture: Architecture): readonly string[] {
  return code
    .map(({ name, operands }) => `${name} ${operands}`)
    .filter((text) => forbidden[architecture].test(text));
}

/** What one of its functions puts on the stack, and whom it calls. */
interface Frame {
  bytes: number;
  readonly calls: Set<number>;
}

const returnAddress = { x86_64: 8, arm64: 0 } as const;

/**
 * The most bytes of stack that the code from `start` on takes. `functions` are the starts of all functions. Throws when that has
 * no bound that can be seen: a function that calls itself in the end, or calls what only a register knows.
 */
export function mostStack(
  code: readonly Instruction[],
  architecture: Architecture,
  { start, functions }: { readonly start: number; readonly functions: readonly number[] },
): number {
  const frames = framesOf(code, architecture, functions);
  const under = new Set<number>();
  const most = (address: number): number => {
    const frame = frames.get(address);
    if (frame === undefined) throw new Error(`There is no function at ${address.toString(16)}.`);
    if (under.has(address)) throw new Error(`The function at ${address.toString(16)} calls itself.`);
    under.add(address);
    const deepest = Math.max(0, ...[...frame.calls].map(most));
    under.delete(address);
    return frame.bytes + returnAddress[architecture] + deepest;
  };
  return most(start);
}

function framesOf(
  code: readonly Instruction[],
  architecture: Architecture,
  functions: readonly number[],
): ReadonlyMap<number, Frame> {
  const starts = functions.toSorted((a, b) => a - b);
  const frames = new Map<number, Frame>(starts.map((start) => [start, { bytes: 0, calls: new Set() }]));
  let index = -1;
  for (const instruction of code) {
    while ((starts[index + 1] ?? Infinity) <= instruction.address) index++;
    const own = starts[index];
    const frame = own === undefined ? undefined : frames.get(own);
    if (own === undefined || frame === undefined) continue;
    frame.bytes += pushedBy(instruction, architecture);
    const target = targetOf(instruction);
    // A jump within the function is no call, and one to the start of another is.
    if (target !== null && target !== own && frames.has(target)) frame.calls.add(target);
    if (target === own && /^(call|bl)$/.test(instruction.name)) frame.calls.add(own);
  }
  return frames;
}

/** Every push and every allocation of a function counts, also where only one way through it makes it. */
function pushedBy({ name, operands }: Instruction, architecture: Architecture): number {
  if (architecture === "x86_64") {
    if (name === "push") return 8;
    const [, taken] = /^\$(0x[0-9a-f]+),%rsp$/.exec(operands) ?? [];
    if (taken === undefined) return 0;
    const bytes = BigInt.asIntN(64, BigInt(taken));
    return Number(name === "sub" ? bytes : name === "add" && bytes < 0n ? -bytes : 0n);
  }
  const [, before] = /\[sp, #-(\d+)\]!$/.exec(operands) ?? [];
  if (before !== undefined) return Number(before);
  const [, taken, shifted] = /^sp, sp, #(0x[0-9a-f]+)(, lsl #12)?$/.exec(operands) ?? [];
  return name === "sub" && taken !== undefined ? Number(taken) * (shifted === undefined ? 1 : 4096) : 0;
}

/** Where a call or a jump goes; null for what is neither. */
function targetOf({ name, operands }: Instruction): number | null {
  if (/^(call|jmp)$/.test(name) && operands.startsWith("*")) throw new Error(`A call of ${operands}.`);
  if (name === "blr") throw new Error(`A call of ${operands}.`);
  if (!/^(call|j[a-z]+|bl|b|b\.[a-z]+|cbn?z|tbn?z)$/.test(name)) return null;
  const [, target] = /(?:^|, )0x([0-9a-f]+)$/.exec(operands) ?? [];
  return target === undefined ? null : Number.parseInt(target, 16);
}
