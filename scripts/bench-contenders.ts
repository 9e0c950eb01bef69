import { join } from "node:path";
import type { Ground } from "./bench-program.ts";
import { type Blocked, fewTargets, manyLengths, manyTargets } from "./bench-targets.ts";

/** Neither is a target, nor in one. */
const addresses = { ipv4: "10.99.0.1", ipv6: "fd99::1" };

export interface Contender {
  readonly name: string;
  /** What is connected to; the network namespace gets it. */
  readonly address: string;
  /** What the program is started by. */
  readonly by: (ground: Ground) => readonly string[];
  readonly blocked?: Blocked;
  /** A TCP connect to each of them is refused, which shows that they are in the tables. */
  readonly refused?: readonly string[];
  /** A program that may not be installed, and its package in Debian. */
  readonly program?: readonly [string, string];
}

const interceptor = ({ object }: Ground) => ["env", `LD_PRELOAD=${object}`];
const many = { by: interceptor, blocked: manyTargets };
const few = { by: interceptor, blocked: fewTargets };
const refusedMany = ["172.16.0.199", "10.77.3.250"];

/** The rivals pass a UDP socket on after they have looked at it; torsocks does so for loopback alone. */
export const contenders: readonly Contender[] = [
  { name: "nothing", address: addresses.ipv4, by: () => [] },
  { ...few, name: "3 targets", address: addresses.ipv4, refused: ["10.0.255.1"] },
  { ...many, name: "1,000 targets", address: addresses.ipv4, refused: refusedMany },
  { ...few, name: "3 targets, IPv6", address: addresses.ipv6, refused: ["10.0.255.1"] },
  {
    ...many,
    name: "1,000 targets, IPv6",
    address: addresses.ipv6,
    refused: ["2001:db8::c8", ...refusedMany],
  },
  { name: "25 lengths of ranges", address: addresses.ipv4, by: interceptor, blocked: manyLengths },
  {
    name: "proxychains4",
    address: addresses.ipv4,
    by: ({ folder }) => ["proxychains4", "-q", "-f", join(folder, "proxychains.conf")],
    program: ["proxychains4", "proxychains4"],
  },
  {
    name: "torsocks",
    address: "127.0.0.1",
    by: ({ folder }) => ["env", `TORSOCKS_CONF_FILE=${join(folder, "torsocks.conf")}`, "torsocks"],
    program: ["torsocks", "torsocks"],
  },
];

/** Names of those that others have made. */
export const rivals = ["proxychains4", "torsocks"];
