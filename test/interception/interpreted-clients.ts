import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { arm64Folder } from "../support/needs.ts";
import { type Client, clientsOf, type Ways } from "./client.ts";
import { arm64Script, curl, pathOf, script } from "./program.ts";

const native = { libc: "glibc", architecture: "x86_64" } as const;
const emulated = { libc: "glibc", architecture: "arm64", needs: ["qemu-arm64", "arm64-programs"] } as const;

const node: Pick<Ways, "ways" | "loops"> = {
  ways: [
    ["net", "`net.connect`", "ECONNREFUSED", "ETIMEDOUT", "'timeout' event"],
    ["http", "`http.get`", "ECONNREFUSED", "ETIMEDOUT", "'timeout' event"],
    ["fetch", "`fetch`", "TypeError ECONNREFUSED", "TypeError ETIMEDOUT", "TimeoutError"],
    ["resolve", "`dns.resolve4`, `net.connect`", "ECONNREFUSED", "ETIMEDOUT", "'timeout' event"],
  ],
  loops: ["net", "http", "fetch", "resolve"],
};

const python: Pick<Ways, "ways" | "loops"> = {
  ways: [
    ["socket", "`socket`", "ConnectionRefusedError ECONNREFUSED", "TimeoutError ETIMEDOUT", "TimeoutError"],
    [
      "urllib",
      "`urllib.request`",
      "URLError: ConnectionRefusedError ECONNREFUSED",
      "URLError: TimeoutError ETIMEDOUT",
      "URLError: TimeoutError",
    ],
    ["asyncio", "`asyncio`", "ConnectionRefusedError ECONNREFUSED", "TimeoutError ETIMEDOUT", "TimeoutError"],
  ],
  loops: ["asyncio"],
};

/** Where a version manager's stand-in comes first in PATH, the program itself. */
function pythonItself(): string {
  const says = ["-c", "import sys; print(sys.executable)"];
  return execFileSync(pathOf("python3"), says, { timeout: 60_000, encoding: "utf8" }).trim();
}

/** Clients that an interpreter runs, and curl, which a shell does. */
export const interpretedClients: readonly Client[] = [
  ...clientsOf({
    of: {
      ...native,
      name: "Node.js",
      needs: [],
      program: () => script(process.execPath, "node.mjs"),
    },
    ...node,
  }),
  ...clientsOf({
    of: {
      ...native,
      name: "Python",
      needs: ["python3"],
      program: () => script(pythonItself(), "python.py"),
    },
    ...python,
  }),
  ...clientsOf({
    of: {
      ...native,
      name: "Ruby",
      needs: ["ruby"],
      program: () => script(pathOf("ruby"), "ruby.rb"),
    },
    ways: [
      ["socket", "`Socket.tcp`", "Errno::ECONNREFUSED", "Errno::ETIMEDOUT", "Errno::ETIMEDOUT"],
      ["tcpsocket", "`TCPSocket`", "Errno::ECONNREFUSED", "Errno::ETIMEDOUT", "Errno::ETIMEDOUT"],
      ["http", "`Net::HTTP`", "Errno::ECONNREFUSED", "Net::OpenTimeout", "Net::OpenTimeout"],
    ],
  }),
  ...clientsOf({
    of: {
      ...native,
      name: "Perl",
      needs: ["perl"],
      program: () => script(pathOf("perl"), "perl.pl"),
    },
    ways: [
      ["inet", "`IO::Socket::INET`", "ECONNREFUSED", "ETIMEDOUT", "ETIMEDOUT"],
      ["ip", "`IO::Socket::IP`", "ECONNREFUSED", "ETIMEDOUT", "ETIMEDOUT"],
      [
        "http",
        "`HTTP::Tiny`",
        "599 Connection refused",
        "599 Connection timed out",
        "599 Connection timed out",
      ],
    ],
    onlyFour: ["inet"],
  }),
  ...clientsOf({
    of: { ...native, name: "PHP", needs: ["php"], program: () => script(pathOf("php"), "php.php") },
    ways: [
      [
        "stream",
        "`stream_socket_client`",
        "Connection refused",
        "Connection timed out",
        "Connection timed out",
      ],
      ["http", "`file_get_contents`", "Connection refused", "Connection timed out", "Connection timed out"],
    ],
  }),
  ...clientsOf({
    of: {
      ...native,
      name: "curl",
      needs: ["curl"],
      program: () => curl(),
    },
    ways: [["curl", "`curl --connect-timeout`", "exit 7", "exit 28", "exit 28"]],
  }),
  ...clientsOf({
    of: {
      ...emulated,
      name: "Node.js",
      program: () => arm64Script(join(arm64Folder, "node"), "node.mjs"),
    },
    ...node,
    isSlow: true,
  }),
  ...clientsOf({
    of: {
      ...emulated,
      name: "Python",
      program: () => arm64Script(join(arm64Folder, "root/usr/bin/python3"), "python.py"),
    },
    ...python,
    isSlow: true,
  }),
];
