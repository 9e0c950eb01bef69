import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { elfProgram as elf } from "./elf-for-test.ts";
import { type Starter, wayInto } from "./way-into.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-reach-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array, mode = 0o755): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

const GLIBC = "/lib64/ld-linux-x86-64.so.2";

const way = (file: string, starter: Partial<Starter> = {}) =>
  wayInto(file, { architecture: "x86_64", path: folder, uid: ownUid(), gid: ownGid(), ...starter });
/** Which file keeps the interceptor out, and why; null for none. */
const why = (file: string, starter: Partial<Starter> = {}) => {
  const found = way(file, starter);
  return found.by === "none" ? { file: found.file, because: found.because } : null;
};
const ownUid = () => process.getuid?.() ?? 0;
const ownGid = () => process.getgid?.() ?? 0;

test("nothing stands against a program of either libc", () => {
  expect(why(put("glibc", elf(GLIBC)))).toBeNull();
  expect(why(put("musl", elf("/lib/ld-musl-x86_64.so.1")))).toBeNull();
});

test.each([
  ["a static program", () => elf(null), "it is linked statically"],
  ["one for another processor", () => elf("/lib/ld-linux-aarch64.so.1", 183), "it is built for arm64"],
  ["one of another libc", () => elf("/system/bin/linker64"), "/system/bin/linker64, is neither glibc's nor"],
  ["a broken one", () => elf(GLIBC).subarray(0, 40), "it is a truncated ELF file"],
  ["one for Windows", () => Buffer.from("MZ\0\0"), "it is a program for Windows"],
])("refuses %s and says why", (_, content, because) => {
  const file = put("program", content());

  expect(why(file)).toEqual({ file, because: expect.stringContaining(because) });
});

test("a script is what runs it, through env and through scripts", () => {
  const stuck = put("stuck", elf(null));
  put("free", elf(GLIBC));
  const direct = put("direct", `#!${stuck} -x\n`);
  const throughEnv = put("through-env", "#!/usr/bin/env -S A=1 stuck --flag\n");
  const throughScript = put("through-script", `#!${throughEnv}\n`);

  for (const script of [direct, throughEnv, throughScript]) {
    expect(why(script)).toEqual({ file: stuck, because: expect.stringContaining("linked statically") });
  }
  expect(why(put("works", "#!/usr/bin/env free\n"))).toBeNull();
});

test("says which interpreter is missing", () => {
  const file = put("script", "#!/nowhere/ruby\n");

  expect(why(file)).toEqual({
    file,
    because: "its interpreter, /nowhere/ruby, is not there or cannot be started",
  });
});

test.each([
  ["#!/bin/sh\r\necho\r\n", "/bin/sh\\r"],
  ["#!/usr/bin/env bash\r\n", "bash\\r"],
])("says of %j that its line ends are those of Windows", (text, named) => {
  const file = put("script", text);

  expect(why(file)).toEqual({
    file,
    because: `its first line names ${named} as its interpreter: it has the line ends of Windows (\\r\\n), and Linux takes the \\r for a part of the name; save it with \\n alone`,
  });
});

test.each(["ld-linux-x86-64.so.2", "ld-musl-x86_64.so.1", "ld-2.31.so", "ld.so"])(
  "knows the dynamic linker %s, also by another name",
  (name) => {
    const file = put(name, elf(null));
    const link = join(folder, "link");
    symlinkSync(file, link);

    for (const path of [file, link]) {
      expect(why(path)).toEqual({ file: path, because: expect.stringContaining("name that program itself") });
    }
    expect(why(put("ldconfig", elf(null)))?.because).toContain("linked statically");
  },
);

test("scripts that run each other come to an end", () => {
  put("a", `#!${folder}/b\n`);
  const file = put("b", `#!${folder}/a\n`);

  expect(why(file)?.because).toContain("more than 5 times");
});

test.each([
  ["text without #!", "echo hello\n"],
  ["an empty file", ""],
])("%s is run by the shell", (_, text) => {
  expect(why(put("script", text))).toBe(why("/bin/sh"));
});

test("refuses programs that gain rights, but not for whom has them anyway", () => {
  const user = put("user", elf(GLIBC), 0o4755);
  const group = put("group", elf(GLIBC), 0o2755);
  const ignored = "and the loader ignores LD_PRELOAD for such programs";

  expect(why(user, { uid: ownUid() + 1 })).toEqual({ file: user, because: `it is set-user-ID, ${ignored}` });
  expect(why(group, { gid: ownGid() + 1 })).toEqual({
    file: group,
    because: `it is set-group-ID, ${ignored}`,
  });
  expect(why(user)).toBeNull();
  expect(why(group)).toBeNull();
  // Without the right to execute for the group the bit means something else.
  expect(why(put("lock", elf(GLIBC), 0o2745), { gid: ownGid() + 1 })).toBeNull();
  // The kernel does not heed the bits of scripts.
  expect(why(put("script", `#!${put("free", elf(GLIBC))}\n`, 0o4755), { uid: ownUid() + 1 })).toBeNull();
});
