import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

export const stories: readonly string[] = ["toggle"];

/** `unplug demo [STORY]` */
export async function demoCommand(story: string, shell: Shell): Promise<number> {
  if (!stories.includes(story))
    throw new UsageError(`unplug demo ${story}: expected a story that there is: ${stories.join(", ")}.`);
  const { toggleStory } = await import("./demo/toggle-story.ts");
  return toggleStory(shell);
}
