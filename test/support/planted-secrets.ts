import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Which planted values are in a text, by their names; also in base64 and as a URL writes them. */
export function plantedIn(text: string, planted: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(planted).flatMap(([name, value]) => {
    // Of base64 the middle is the same wherever the value begins, for one of three offsets.
    const packed = [0, 1, 2].map((skip) => Buffer.from(value.slice(skip)).toString("base64").slice(0, -4));
    const forms = [value, encodeURIComponent(value), ...packed];
    return forms.some((form) => text.includes(form)) ? [name] : [];
  });
}

export async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
