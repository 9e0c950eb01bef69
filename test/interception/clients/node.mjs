// node.mjs net|http|fetch|resolve TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless
// that is 0, and prints a line of JSON about it.
import { resolve4, resolve6 } from "node:dns/promises";
import { get } from "node:http";
import { connect, isIP } from "node:net";

const [how = "", ...pairs] = process.argv.slice(2);

const ways = {
  net: (target, limitMs) => connectTo(new URL(`tcp://${target}`), limitMs),
  http: (target, limitMs) =>
    new Promise((resolve, reject) => {
      const request = get(`http://${target}/`, { agent: false, timeout: limitMs });
      request.on("response", (response) => response.resume().on("end", resolve));
      request.on("timeout", () => request.destroy(new Error("'timeout' event")));
      request.on("error", reject);
    }),
  fetch: (target, limitMs) =>
    fetch(`http://${target}/`, limitMs > 0 ? { signal: AbortSignal.timeout(limitMs) } : {}).then((response) =>
      response.text(),
    ),
  // Asks the DNS server itself (c-ares), not libc, and connects to the address.
  resolve: async (target, limitMs) => {
    const { hostname, port } = new URL(`tcp://${target}`);
    if (isIP(unbracketed(hostname)) !== 0) return connectTo({ hostname, port }, limitMs);
    const [address] = await resolve4(hostname).catch(() => resolve6(hostname));
    return connectTo({ hostname: address, port }, limitMs);
  },
};

function connectTo({ hostname, port }, limitMs) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: unbracketed(hostname), port: Number(port) });
    socket.setTimeout(limitMs, () => socket.destroy(new Error("'timeout' event")));
    socket.on("connect", () => resolve(socket.destroy()));
    socket.on("error", reject);
  });
}

function unbracketed(hostname) {
  return hostname.replace(/^\[|\]$/g, "");
}

function outcomeOf(error) {
  const code = error.cause?.code ?? error.code;
  const name = error.constructor.name;
  if (name === "DOMException") return error.name;
  if (typeof code !== "string") return error.message;
  return name === "Error" ? code : `${name} ${code}`;
}

/** How the event loop fared meanwhile: how often a timer of 5 ms came, and how late it was at worst. */
function watchLoop() {
  let [ticks, worst, last] = [0, 0, performance.now()];
  const tick = () => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 5);
    last = now;
  };
  const timer = setInterval(() => {
    ticks += 1;
    tick();
  }, 5);
  return () => {
    clearInterval(timer);
    tick();
    return { ticks, maxLoopLagMs: Math.round(worst) };
  };
}

for (let i = 0; i < pairs.length; i += 2) {
  const [target, limit] = pairs.slice(i);
  const started = performance.now();
  const stop = watchLoop();
  const outcome = await ways[how](target, Number(limit)).then(() => "connected", outcomeOf);
  const ms = Math.round(performance.now() - started);
  process.stdout.write(`${JSON.stringify({ target, outcome, ms, ...stop() })}\n`);
}
// What was given up is still under way: fetch ends it after ten seconds.
process.exit();
