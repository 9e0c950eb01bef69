import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

export const stories: readonly string[] = ["toggle", "block"];

/** `unplug demo [STORY]` */
export async function demoCommand(story: string, shell: Shell): Promise<number> {
  if (!stories.includes(story))
    throw new UsageError(`unplug demo ${story}: expected a story that there is: ${stories.join(", ")}.`);
  if (story === "block") return (await import("./demo/block-story.ts")).blockStory(shell);
  return (await import("./demo/toggle-story.ts")).toggleStory(shell);
}
