import type { ByteSource } from "./byte-source.ts";
import type { Elf } from "./elf.ts";

const sections = [".go.buildinfo", ".gopclntab", ".note.go.buildid"];
const buildInfo = Buffer.from("\xff Go buildinf:", "latin1");
/** The type 4 and the owner of the note that holds a build id, in either byte order. */
const notes = ["\x04\0\0\0Go\0\0", "\0\0\0\x04Go\0\0"].map((text) => Buffer.from(text, "latin1"));

const noteBytes = 65_536;
/** The build information lies near the start of a writable segment; what is searched in all is this, for the sake of time. */
const searchedBytes = 16_777_216;

/**
 * True for what Go's linker wrote, also with cgo, stripped, and without section headers.
 * Source: debug/buildinfo/buildinfo.go and cmd/link/internal/ld/elf.go of Go.
 */
export function isGo(source: ByteSource, { segments, sectionNames }: Elf): boolean {
  if (sections.some((name) => sectionNames.includes(name))) return true;
  let left = searchedBytes;
  return segments.some(({ type, writable, offset, size }) => {
    if (type === 4) return hasNote(source.at(offset, Math.min(size, noteBytes)));
    if (type !== 1 || !writable) return false;
    const length = Math.min(size, left, source.size - offset);
    left -= Math.max(0, length);
    return hasBuildInfo(source.at(offset, length), offset);
  });
}

function hasNote(bytes: Buffer | null): boolean {
  return bytes !== null && notes.some((note) => bytes.includes(note));
}

function hasBuildInfo(bytes: Buffer | null, offset: number): boolean {
  let at = bytes?.indexOf(buildInfo) ?? -1;
  // Go aligns it to 16 bytes; a program that only speaks of it has the text anywhere.
  while (bytes !== null && at >= 0 && (offset + at) % 16 !== 0) at = bytes.indexOf(buildInfo, at + 1);
  return at >= 0;
}
