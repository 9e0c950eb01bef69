import { join } from "node:path";
import { arm64Folder } from "../support/needs.ts";
import type { Build } from "./built-client.ts";
import { type Client, clientsOf, type Ways } from "./client.ts";
import { built, builtJava, pathOf } from "./program.ts";

const native = { libc: "glibc", architecture: "x86_64" } as const;
const emulated = { architecture: "arm64", needs: ["arm64-gcc", "qemu-arm64"] } as const;
const strict = ["-O1", "-Wall", "-Wextra", "-Werror"];
const root = join(arm64Folder, "root");

const c: Ways["ways"] = [
  ["blocking,getaddrinfo", "`getaddrinfo`, blocking `connect`", "ECONNREFUSED", "ETIMEDOUT", "EINPROGRESS"],
  ["poll,gethostbyname", "`gethostbyname`, `connect`, `poll`", "ECONNREFUSED", "ETIMEDOUT", "poll 0"],
  [
    "epoll,gethostbyname_r",
    "`gethostbyname_r`, `connect`, `epoll`",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "epoll_wait 0",
  ],
  [
    "sendto,getaddrinfo",
    "`sendto` with `MSG_FASTOPEN`, blocking",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "EINPROGRESS",
  ],
  ["sendmsg,getaddrinfo", "`sendmsg` with `MSG_FASTOPEN`, `poll`", "ECONNREFUSED", "ETIMEDOUT", "poll 0"],
];

/** `before` and `after` come before the source and after it. */
export function compileC(compiler: string, before: readonly string[], after: readonly string[] = []): Build {
  const args = (source: string, made: string) => [...strict, ...before, "-o", made, source, ...after];
  return { compiler, version: "--version", source: "c.c", args };
}

/** With the cross compiler, and the headers and the libc of Debian's musl for arm64. */
function compileMuslForArm64(): Build {
  const headers = join(root, "usr/include/aarch64-linux-musl");
  const libc = join(root, "lib/aarch64-linux-musl");
  const part = (name: string) => join(root, "usr/lib/aarch64-linux-musl", name);
  const alone = [
    "-nostdlib",
    "-nostdinc",
    "-isystem",
    headers,
    "-fno-stack-protector",
    "-mno-outline-atomics",
  ];
  const loader = ["-pie", "-Wl,-dynamic-linker,/lib/ld-musl-aarch64.so.1"];
  const before = [...alone, ...loader, part("Scrt1.o"), part("crti.o")];
  return compileC(pathOf("arm64-gcc"), before, ["-L", libc, "-lc", "-lgcc", part("crtn.o")]);
}

/** Clients that are compiled here. */
export const compiledClients: readonly Client[] = [
  ...clientsOf({
    of: {
      ...native,
      name: "Java",
      needs: ["java", "javac"],
      program: () => builtJava(),
    },
    ways: [
      [
        "socket",
        "`Socket`",
        "ConnectException: Connection refused",
        "ConnectException: Connection timed out",
        "SocketTimeoutException: Connect timed out",
      ],
      [
        "url",
        "`HttpURLConnection`",
        "ConnectException: Connection refused",
        "ConnectException: Connection timed out",
        "SocketTimeoutException: Connect timed out",
      ],
      [
        "client",
        "`HttpClient`",
        "ConnectException",
        "ConnectException",
        "HttpConnectTimeoutException: HTTP connect timed out",
      ],
      [
        "nio",
        "`SocketChannel`, `Selector`",
        "ConnectException: Connection refused",
        "ConnectException: Connection timed out",
        "select 0",
      ],
    ],
    isSlow: true,
  }),
  ...clientsOf({
    of: {
      ...native,
      name: "Rust",
      needs: ["rustc"],
      program: () =>
        built({
          compiler: pathOf("rustc"),
          version: "--version",
          source: "rust.rs",
          args: (source, made) => ["-o", made, source],
        }),
    },
    ways: [
      [
        "std",
        "`TcpStream::connect`, `connect_timeout`",
        "ConnectionRefused (os error 111)",
        "TimedOut (os error 110)",
        "TimedOut",
      ],
    ],
  }),
  ...clientsOf({
    of: { ...native, name: "C", needs: ["gcc"], program: () => built(compileC(pathOf("gcc"), [])) },
    ways: c,
  }),
  ...clientsOf({
    of: {
      ...native,
      name: "C",
      libc: "musl",
      needs: ["musl-gcc"],
      program: () => built(compileC(pathOf("musl-gcc"), [])),
    },
    ways: c,
  }),
  ...clientsOf({
    of: {
      ...emulated,
      name: "C",
      libc: "glibc",
      program: () => built(compileC(pathOf("arm64-gcc"), []), "/usr/aarch64-linux-gnu"),
    },
    ways: c,
  }),
  ...clientsOf({
    of: {
      ...emulated,
      name: "C",
      libc: "musl",
      needs: [...emulated.needs, "arm64-programs"],
      program: () => built(compileMuslForArm64(), root),
    },
    ways: c,
  }),
];
