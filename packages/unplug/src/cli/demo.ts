import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

/** `unplug demo [STORY]` */
export async function demoCommand(story: string, shell: Shell): Promise<number> {
  if (story !== "toggle")
    throw new UsageError(`unplug demo ${story}: expected a story that there is: toggle.`);
  const { toggleStory } = await import("./demo/toggle-story.ts");
  return toggleStory(shell);
}
