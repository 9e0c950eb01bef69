import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { openStage, type Stage } from "../interception/stage.ts";
import { glibcFolder } from "../support/needs.ts";
import { blockedIn, blocking, by, linesIn, onStage, stepsProgram } from "./steps.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

/** Built with the headers and the libc of the oldest, it runs under all of them. */
const oldProgram = () => {
  const [root, start] = ["", "usr/lib/x86_64-linux-gnu"].map((path) => join(glibcFolder, "bullseye", path));
  return stepsProgram({ flags: [`--sysroot=${root}`, `-B${start}`, `-L${start}`] });
};

/** The steps, under the dynamic linker and the libc of a release. */
async function takeUnder(release: string, env: Readonly<Record<string, string>>, steps: readonly string[]) {
  const libraries = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"]
    .map((folder) => join(glibcFolder, release, folder))
    .filter((folder) => existsSync(folder));
  const loader = libraries.map((folder) => join(folder, "ld-linux-x86-64.so.2")).find(existsSync) ?? release;
  const args = ["--library-path", libraries.join(":"), await oldProgram(), ...steps];
  const { stdout, stderr, code } = await stage.run({ command: loader, args, env }, 100_000);
  expect(code, `${stdout}${stderr}`).toBe(0);
  const results = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t")[0] ?? "");
  return { results, lines: linesIn(stderr) };
}

const releases: readonly (readonly [string, RegExp])[] = [
  ["bullseye", /^2\.31$/],
  ["bookworm", /^2\.36$/],
  ["trixie", /^2\.41$/],
  ["sid", /^2\.(4[1-9]|[5-9]\d)$/],
];

describe.concurrent.each(releases)("under the libc of Debian %s", (release, version) => {
  const names = ["*.blocked.test", "real.test"];

  onStage("glibcs").test("blocks by what was looked up, and lets the rest through", async () => {
    const steps = [
      ["libc", "lookup getaddrinfo db.blocked.test", "socket a 4 tcp", "connect a 10.99.0.2:8080"],
      ["lookup getaddrinfo alias.test", "connect a 10.99.0.9:8080"],
      ["lookup gethostbyname_r hosts.blocked.test", "connect a 10.99.0.12:8080"],
      ["lookup gethostbyname2 db6.blocked.test", "socket b 6 tcp", "connect b [2001:db8:99::2]:8080"],
      ["fastopen a sendmsg 10.99.0.2:8080", "connect a 10.99.0.1:8080"],
    ].flat();
    const { results, lines } = await takeUnder(release, by(blocking(names)), steps);

    expect(results).toEqual(
      [
        [expect.stringMatching(version), "10.99.0.2", "ok", "ECONNREFUSED"],
        ["10.99.0.9", "ECONNREFUSED"],
        ["10.99.0.12", "ECONNREFUSED"],
        ["2001:db8:99::2", "ok", "ECONNREFUSED"],
        ["ECONNREFUSED", "ok"],
      ].flat(),
    );
    expect(blockedIn(lines)).toHaveLength(5);
  });

  onStage("glibcs").test("reads the answers of DNS servers, times out and hangs", async () => {
    const hang = by(blocking(names, "behavior=timeout", "timeout-ms=1000"));
    const steps = [
      ["socket u 4 udp", "query u 10.99.0.53:53 db.blocked.test A", "answer u recvmsg"],
      ["socket a 4 tcp nonblock", "connect a 10.99.0.2:8080", "edge a 5000", "error a"],
      ["socket b 4 tcp", "connect b 10.99.0.1:8080"],
    ].flat();

    expect((await takeUnder(release, hang, steps)).results).toEqual(
      [
        ["ok", "ok", "1 answers"],
        ["ok", "EINPROGRESS", "OUT ERR HUP", "ETIMEDOUT"],
        ["ok", "ok"],
      ].flat(),
    );
  });
});
