/**
 * Files added to a zip, and the zip as it was before, byte by byte, from what came of it.
 *
 *     original                     what appendToZip makes of it
 *     entries  ──────────────────► entries, the very bytes
 *     directory, end, comment ───┐ our entries (and copies of what makes room for them)
 *                                └ one entry `undo`: those very bytes, deflated
 *                                  directory: the original's records as they are and in their order, ours, the undo's
 *                                  end, with the original's comment
 *
 * So every program lists, reads and unpacks the original's files as before, and ours. The original is what comes before its
 * directory, and then the content of the undo entry. That entry's comment says how long the original is and what its SHA-256 is,
 * and has a seal over everything else that was added, so that a zip that somebody has changed since is not mistaken for ours
 * (take-out.ts). It takes no program of ours to get the original back, for which N is the length that the comment gives:
 *
 *     unzip -p added.zip .unplug/undo >tail
 *     head -c $((N - $(wc -c <tail))) added.zip | cat - tail >original.zip
 *
 * Zips are refused whose bytes readers may take for different things, each with a reason (zip-problem.ts). A problem is an
 * answer; only what the file system says is thrown.
 */
export { appendToZip, appendToZipFile } from "./append.ts";
export type { OurNames } from "./our-names.ts";
export { ourPartOf, ourPartOfFile } from "./our-part.ts";
export { takeOut, takeOutOfFile } from "./take-out.ts";
export { unpackedLength } from "./unpacked-length.ts";
export { withoutOurPart, withoutOurPartOfFile } from "./without-our-part.ts";
export { sha256OfFile } from "./zip-bytes.ts";
