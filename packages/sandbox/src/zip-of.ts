import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

const readable = 0o100644;
const executable = 0o100755;

/**
 * A deployment package with these files. Scripts ("#!"), programs (ELF) and files named `bootstrap` become executable.
 * The same files always give the same bytes.
 */
export async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const runs = path === "bootstrap" || /^(?:#!|\x7fELF)/.test(bytes.toString("latin1", 0, 4));
    // Noon, so that no time zone can move the day.
    zip.addBuffer(bytes, path, { mode: runs ? executable : readable, mtime: new Date(2020, 0, 1, 12) });
  }
  zip.end();
  return await buffer(zip.outputStream);
}
