/**
 * Files added to a zip, and the zip as it was before, byte by byte, from what came of it.
 *
 *     original                     what appendToZip makes of it
 *     entries  ──────────────────► entries, the very bytes, but for those in a content that is replaced
 *     directory, end, comment ───┐ our entries
 *                                └ one entry `undo`: those very bytes, deflated, and what was where bytes are others
 *                                  directory: the original's records as they are and in their order, ours, the undo's
 *                                  end, with the original's comment
 *
 * So every program lists, reads and unpacks the original's files as before, and ours. The original is what comes before its
 * directory, and then the content of the undo entry. That entry's comment says how long the original is and what its SHA-256 is,
 * and has a seal over everything else that was added, so that a zip that somebody has changed since is not mistaken for ours
 * (take-out.ts). Where nothing is replaced it takes no program of ours to get the original back, for which N is the length that the
 * comment gives:
 *
 *     unzip -p added.zip .unplug/undo >tail
 *     head -c $((N - $(wc -c <tail))) added.zip | cat - tail >original.zip
 *
 * A file gets another content in its place (replacement.ts). Of a deflated one only those blocks are made anew in which the contents
 * differ, or that repeat what differs (spliced-stream.ts): the zip grows by what was there and no longer is, and by little more. The
 * undo says then in its comment that it begins with splices, which give the entries back byte by byte (splice.ts).
 *
 * Zips are refused whose bytes readers may take for different things, each with a reason (zip-problem.ts). A problem is an
 * answer; only what the file system says is thrown.
 */
export { appendToZip, appendToZipFile } from "./append.ts";
export { ourPartOf } from "./our-part.ts";
export { programNames } from "./program-names.ts";
export { takeOut } from "./take-out.ts";
export { unpackedLength } from "./unpacked-length.ts";
export { withoutOurPart } from "./without-our-part.ts";
