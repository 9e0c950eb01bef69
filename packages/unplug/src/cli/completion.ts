import { bashScript } from "./completion/bash-script.ts";
import { fishScript } from "./completion/fish-script.ts";
import { zshScript } from "./completion/zsh-script.ts";
import { exitCodes } from "./exit-codes.ts";
import type { ShellName } from "./program.ts";
import type { Shell } from "./shell.ts";

const scripts: Readonly<Record<ShellName, string>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `unplug completion SHELL`: the scripts know no command of ours; they ask `unplug __complete` at each Tab. */
export function completionCommand(name: ShellName, shell: Shell): number {
  shell.stdout.write(scripts[name]);
  return exitCodes.done;
}
