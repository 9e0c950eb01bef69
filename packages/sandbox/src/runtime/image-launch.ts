import { statSync } from "node:fs";
import type { ContainerImage, FunctionImage } from "../runtime-port.ts";
import { execRefusal } from "./exec-refusal.ts";
import type { ImageFiles } from "./function-files.ts";
import { placeInRoot } from "./place-in-root.ts";

/** What PATH is where an image says nothing of it. Source: container images that print theirs on AWS. */
const searchPath = "/usr/local/bin:/usr/bin:/bin:/opt/bin";

/** The variables that an image gives its programs. */
export function imageVariables({ environment }: ContainerImage): Record<string, string> {
  const given = environment.map((one): [string, string] => {
    const at = one.indexOf("=");
    return at < 0 ? [one, ""] : [one.slice(0, at), one.slice(at + 1)];
  });
  return { PATH: searchPath, ...Object.fromEntries(given) };
}

/** Exports what stands before `--` and becomes what stands behind it. */
const becoming = 'while [ "$1" != -- ]; do export "$1"; shift; done; shift; exec "$@"';

/** The program and its arguments that go into an image's root, its working directory and its user. */
export function intoImage({ root, tools, mounting }: ImageFiles, image: ContainerImage): readonly string[] {
  const { unshare, asUser } = mounting.mounts;
  const folder = image.workingDirectory === "" ? "/" : image.workingDirectory;
  return [unshare, ...asUser, `--root=${root}`, `--wd=${folder}`, ...tools.shell, "-c", becoming, "sh"];
}

/** Why the program of an image cannot be started, in Lambda's words; null when it can. */
export function imageObstacle({ root }: Pick<ImageFiles, "root">, image: FunctionImage): string | null {
  const { container } = image;
  if (container === null) return null;
  const [program = ""] = [...container.entryPoint, ...container.command];
  const placeOf = (seen: string): string | null => placeInRoot(root, seen, "follow");
  const refused = (why: string): string => `fork/exec ${program}: ${why}`;
  const { PATH = "" } = { ...imageVariables(container), ...image.environment };
  const folder = container.workingDirectory;
  const seen = program.includes("/")
    ? [program.startsWith("/") ? program : `${folder}/${program}`]
    : PATH.split(":").map((one) => `${one}/${program}`);
  const found = seen.map(placeOf).find((place) => place !== null && program !== "" && isFile(place));
  if (found === undefined || found === null) return refused("no such file or directory");
  const place = folder === "" ? root : placeOf(folder);
  if (place === null || !isFolder(place)) return refused("no such file or directory");
  const cause = execRefusal(found, placeOf);
  if (cause !== null) return refused(cause);
  // An administrator may start what others may not; functions are none.
  return (statSync(found).mode & 0o111) === 0 ? refused("permission denied") : null;
}

function isFile(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What Lambda logs of an image that it cannot start. Source: logs of functions on AWS, in public reports. */
export function launchErrorLine(
  obstacle: string,
  { entryPoint, command, workingDirectory }: ContainerImage,
): string {
  const of = (words: readonly string[]): string => `[${words.join(" ")}]`;
  return `IMAGE\tLaunch error: ${obstacle}\tEntry Point: ${of(entryPoint)}\tCmd: ${of(command)}\tWorking Dir: [${workingDirectory}]`;
}
