// What the shared object does, for what Node.js itself connects: this text is a variable of a Lambda function, so it is
// short. It is told by UNPLUG_INTERCEPTOR, version 1, without `known`, `exempt` and `tally`, and writes the same lines.
// It must hold on Node.js 18.18 and later, on Linux, and never break the program: whatever goes wrong, it lets through.
import dns from "node:dns";
import { writeSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { domainToASCII } from "node:url";
import { isMainThread } from "node:worker_threads";

const { env } = process;

const say = (kind, text) => {
  try {
    writeSync(2, `unplug: ${kind} pid=${process.pid} ${text}\n`);
  } catch {}
};

const familyOf = (address) => ({ 4: "ipv4", 6: "ipv6" })[net.isIP(address)];

/** Addresses and ranges, as `10.0.0.0/8`. */
const listOf = (...ranges) => {
  const list = new net.BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split("/");
    const family = familyOf(address);
    if (family) list.addSubnet(address, +(bits || (family > "ipv4" ? 128 : 32)), family);
  }
  return list;
};

/** A target: its text, its port, its addresses (those of a name are learned), and its name. */
const ruleOf = (text) => {
  const [, bare, host = bare, port] = /^(?:\[(.*)]|([^:]*))(?::(\d+))?$/.exec(text) || [0, text];
  return [text, port, listOf(host), host];
};

/** As `writeConfiguration` writes it; what is left out is undefined, and what is never checked is ours to write. */
const read = (text) => {
  const rules = [];
  const told = { rules, percentage: 100, seed: 0 };
  for (const entry of text.split(";")) {
    const at = entry.indexOf("=");
    const value = entry.slice(at + 1);
    if (entry.startsWith("target=")) rules.push(ruleOf(value));
    else told[entry.slice(0, at)] = value;
  }
  const { unplug, targets, behavior } = told;
  const ms = { refuse: 0, timeout: told["timeout-ms"], hang: 2 ** 31 - 1 }[behavior];
  if (unplug !== "1" || +targets !== rules.length || !(ms >= 0)) throw Error("configuration: not valid");
  return { ...told, ms };
};

/** A program that is not meant: it is told nothing and says nothing. */
const isOther = ({ unless, "if-set": name }) =>
  (name && !(name in env)) || Object.entries(env).some((entry) => entry.join("=") === unless);

const isOver = ({ until }) => Date.now() >= until * 1e3;
const isBefore = ({ from }) => Date.now() < from * 1e3;

/** Whatever is blocked: loopback, unspecified and link-local addresses, the Runtime API, and resolvers. */
const always = listOf("127.0.0.0/8", "0.0.0.0", "169.254.0.0/16", "::/127", "fe80::/10", "fd00:ec2::/32");
const isAllowed = (address, port, family) =>
  always.check(address, family) ||
  `${address}:${port}` === env.AWS_LAMBDA_RUNTIME_API ||
  (port === 53 && dns.getServers().includes(address));

/** The name that was looked up, and what was found: an address, or a list of them or of records. */
const learn = (rules, asked, found) => {
  try {
    const name = domainToASCII(asked).replace(/\.$/, "");
    for (const one of [found].flat()) {
      const address = one.address || one;
      const family = familyOf(address);
      for (const [, , list, host] of rules) {
        const isIt = host[0] === "*" ? name.endsWith(host.slice(1)) : name === host;
        if (family && isIt && !list.check(address, family)) list.addAddress(address, family);
      }
    }
  } catch {}
};

/** SplitMix64: the same seed and the same order of attempts decide as in the shared object. */
const dice = ({ percentage, seed }) => {
  const bits = (value) => BigInt.asUintN(64, value);
  let state = 0n;
  for (const byte of Buffer.from(env.AWS_LAMBDA_LOG_STREAM_NAME || ""))
    state = bits((state ^ BigInt(byte)) * 0x100000001b3n);
  state ^= BigInt(seed);
  return () => {
    state = bits(state + 0x9e3779b97f4a7c15n);
    let value = bits((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    value = bits((value ^ (value >> 27n)) * 0x94d049bb133111ebn);
    return (((value ^ (value >> 31n)) >> 32n) * 100n) >> 32n >= percentage;
  };
};

/** Decides of one connect, and says so: the first hundred, and after them one a second. */
const judge = (told) => {
  const { rules, behavior } = told;
  const isSpared = dice(told);
  let count = 0;
  let saidAt = 0;
  return (handle, address, port) => {
    const family = familyOf(address);
    // A look-up of the program's own, which no function of Node.js was asked for.
    const owner = Object.getOwnPropertySymbols(handle).find(
      (symbol) => symbol.description === "owner_symbol",
    );
    learn(rules, handle[owner]?._host, address);
    const rule = rules[0]
      ? rules.find((one) => (one[1] || port) == port && one[2].check(address, family))
      : ["*"];
    if (!rule || isAllowed(address, port, family) || isBefore(told) || isOver(told) || isSpared())
      return false;
    const now = Date.now();
    if (++count > 100 && now - saidAt < 1e3) return true;
    saidAt = now;
    const to = family > "ipv4" ? `[${address}]` : address;
    say("blocked", `n=${count} behavior=${behavior} to=${to}:${port} target=${rule[0]}`);
    return true;
  };
};

/** As a kernel would answer; a connect that hangs keeps the program alive until it gives up. */
const fail = (handle, request, ms) => {
  const end = () => request.oncomplete?.(ms ? -110 : -111, handle, request, false, false);
  const timer = setTimeout(end, ms);
  const { close } = handle;
  handle.close = function (...all) {
    clearTimeout(timer);
    return close.apply(this, all);
  };
  return 0;
};

const hookConnects = (told) => {
  const isBlocked = judge(told);
  // Only a socket that connects has a handle: this one never does.
  const probe = new net.Socket();
  probe.connect(1, "127.0.0.1");
  const handles = Object.getPrototypeOf(probe._handle);
  probe.destroy();
  for (const name of ["connect", "connect6"]) {
    const real = handles[name];
    handles[name] = function (request, address, port, ...more) {
      try {
        if (isBlocked(this, address, port)) return fail(this, request, told.ms);
      } catch {}
      return real.call(this, request, address, port, ...more);
    };
  }
};

const hookNames = ({ rules }) => {
  const { promises, Resolver } = dns;
  for (const object of [dns, promises, Resolver.prototype, promises.Resolver.prototype]) {
    for (const name of ["lookup", "resolve", "resolve4", "resolve6"]) {
      const real = object[name];
      if (!real) continue;
      const learning = function (asked, ...more) {
        const callback = more.at(-1);
        if (callback?.call)
          more.splice(-1, 1, function (...all) {
            learn(rules, asked, all[1]);
            return callback.apply(this, all);
          });
        const result = real.call(this, asked, ...more);
        return result?.then ? result.then((found) => (learn(rules, asked, found), found)) : result;
      };
      // What util.promisify goes by is among them.
      object[name] = Object.defineProperties(learning, Object.getOwnPropertyDescriptors(real));
    }
  }
  // For those who import functions by name.
  syncBuiltinESMExports();
};

const begin = (text) => {
  const told = read(text);
  if (isOther(told)) return;
  if (isOver(told)) throw Error("the time in until has passed");
  hookConnects(told);
  hookNames(told);
  const { behavior, targets, until, run } = told;
  const [which, end] = [run ? `run=${run} ` : "", until ? ` until=${until}` : ""];
  if (isMainThread) say("armed", `${which}behavior=${behavior} targets=${targets}${end}`);
};

try {
  if (env.UNPLUG_INTERCEPTOR) begin(env.UNPLUG_INTERCEPTOR);
} catch (error) {
  say("inert", `reason=${error.message}`);
}
