import { expect, test } from "vitest";
import { readProgram } from "./program.ts";

test.each<[line: string, interpreter: string, argument: string | null]>([
  ["#!/bin/sh", "/bin/sh", null],
  ["#! \t/bin/sh \t\nexit 1", "/bin/sh", null],
  ["#!/usr/bin/python3 -I -u  \n", "/usr/bin/python3", "-I -u"],
  ["#!/bin/sh\t-e\0 junk\n", "/bin/sh", "-e"],
  ["#!relative/sh\n", "relative/sh", null],
  ["#!/bin/sh\r\n", "/bin/sh\r", null],
  ["#!/usr/bin/env node\n", "node", null],
  ["#!/usr/bin/env  node  \n", "node", null],
  ["#!/bin/env /opt/node", "/opt/node", null],
  ["#! env python3\n", "python3", null],
  ["#!/usr/bin/env node --flag\n", "node --flag", null],
  ["#!/usr/bin/env -S node --flag  -x\n", "node", "--flag -x"],
  ["#!/usr/bin/env -Snode\n", "node", null],
  ["#!/usr/bin/env -vS node\n", "node", null],
  ["#!/usr/bin/env --split-string=node --flag\n", "node", "--flag"],
  ["#!/usr/bin/env --split-string node\n", "node", null],
  ["#!/usr/bin/env -S -i A=1 B='x y' -u C -C /tmp node --flag\n", "node", "--flag"],
  ["#!/usr/bin/env -S A=1 /opt/my\\ node 'a b'\n", "/opt/my node", "a b"],
  ['#!/usr/bin/env -S "/opt/my node" -x\n', "/opt/my node", "-x"],
  ["#!/usr/bin/env\n", "/usr/bin/env", null],
  ["#!/usr/bin/env -S A=1\n", "/usr/bin/env", "-S A=1"],
  ["#!/usr/bin/env -S\n", "/usr/bin/env", "-S"],
  ["#!/usr/bin/envy node\n", "/usr/bin/envy", "node"],
])("%j is run by %s with %s", (line, interpreter, argument) => {
  expect(readProgram(Buffer.from(line))).toEqual({ kind: "script", interpreter, argument });
});

test("sees no more of a line than Linux does", () => {
  const line = `#!/bin/sh ${"a".repeat(400)}`;

  expect(readProgram(Buffer.from(line))).toEqual({
    kind: "script",
    interpreter: "/bin/sh",
    argument: "a".repeat(256 - "#!/bin/sh ".length),
  });
});
