import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";

const mostLinks = 40;

/**
 * Where a path lies that is meant within a root: its folders' symbolic links are followed as a process sees them whose root
 * it is, so that none leads out of it. The last part is followed only with `last`. What is not there is taken as it is written. Null
 * when links go round in circles.
 */
export function placeInRoot(root: string, path: string, last: "follow" | "keep"): string | null {
  let left = path.split("/").filter((part) => part !== "" && part !== ".");
  let place: string[] = [];
  for (let links = 0; left.length > 0; ) {
    const [part = "", ...rest] = left;
    left = rest;
    if (part === "..") {
      place.pop();
      continue;
    }
    const here = join(root, ...place, part);
    const isLink =
      (rest.length > 0 || last === "follow") &&
      lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (!isLink) {
      place.push(part);
      continue;
    }
    links += 1;
    if (links > mostLinks) return null;
    const target = readlinkSync(here);
    if (target.startsWith("/")) place = [];
    left = [...target.split("/").filter((one) => one !== "" && one !== "."), ...left];
  }
  return join(root, ...place);
}
