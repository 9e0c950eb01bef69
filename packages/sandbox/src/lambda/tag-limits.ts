import { invalidParameter } from "../api-error.ts";

/** Lambda's limits on tags. */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length > 50) throw invalidParameter("Number of tags exceeds resource tag limit.");
  for (const [key, value] of entries) {
    if (key === "" || key.length > 128 || key.startsWith("aws:") || value.length > 256) {
      throw invalidParameter(`The tag ${key} is not valid: keys have 1 to 128 characters, values up to 256.`);
    }
  }
}
