import type { Build } from "./built-client.ts";
import type { Client } from "./client.ts";
import { compileC } from "./compiled-clients.ts";
import { built, pathOf, script } from "./program.ts";

const unreached = {
  how: "poll,getaddrinfo",
  architecture: "x86_64",
  libc: "none",
  outcomes: null,
  looksReachable: false,
  loop: false,
  six: true,
  isSlow: false,
} as const;

function compileGo(cgo: "0" | "1"): Build {
  return {
    compiler: pathOf("go"),
    version: "version",
    source: "go.go",
    args: (source, made) => ["build", "-o", made, source],
    env: { CGO_ENABLED: cgo, GO111MODULE: "off", GOFLAGS: "" },
  };
}

/** What has no dynamic linker, or does not connect through the calls of libc that the interceptor stands before. */
export const unreachedClients: readonly Client[] = [
  {
    ...unreached,
    name: "C, static glibc",
    way: "`connect`, `poll`",
    needs: ["gcc"],
    // Its look-ups would load parts of glibc, about which the linker warns.
    program: () => built(compileC(pathOf("gcc"), ["-static", "-Wno-error"])),
  },
  {
    ...unreached,
    name: "C, static musl",
    way: "`connect`, `poll`",
    needs: ["musl-gcc"],
    program: () => built(compileC(pathOf("musl-gcc"), ["-static"])),
  },
  {
    ...unreached,
    name: "Go",
    way: "`net.Dial`",
    how: "net",
    needs: ["go"],
    program: () => built(compileGo("0")),
  },
  {
    ...unreached,
    name: "Go with cgo",
    way: "`net.Dial`",
    how: "net",
    libc: "glibc",
    needs: ["go", "gcc"],
    program: () => built(compileGo("1")),
  },
  {
    ...unreached,
    name: "PHP, shared extension",
    way: "`socket_connect`",
    how: "sockets",
    libc: "glibc",
    needs: ["php"],
    looksReachable: true,
    program: () => script(pathOf("php"), "php.php"),
  },
];
