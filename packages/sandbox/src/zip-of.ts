import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

const readable = 0o100644;
const executable = 0o100755;

/**
 * A deployment package with these files. Text that begins with "#!" and files named `bootstrap` become executable.
 * The same files always give the same bytes.
 */
export async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const runs = path === "bootstrap" || bytes.subarray(0, 2).toString() === "#!";
    // Noon, so that no time zone can move the day.
    zip.addBuffer(bytes, path, { mode: runs ? executable : readable, mtime: new Date(2020, 0, 1, 12) });
  }
  zip.end();
  return await buffer(zip.outputStream);
}
