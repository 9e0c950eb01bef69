// What becomes of connects of every kind, as JSON. Arguments: host, port, and what to do.
import { createSocket } from "node:dgram";
import dns, { lookup } from "node:dns";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import { promisify } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

const [, , host, portText, what] = process.argv;
const port = Number(portText);

const shape = ({ constructor, message, code, errno, syscall, address, port: at, cause }) =>
  cause === undefined
    ? { kind: constructor.name, message, code, errno, syscall, address, port: at }
    : shape(cause);

const met = (emitter) =>
  new Promise((resolve) => {
    emitter.once("error", (error) => resolve(shape(error)));
    emitter.once("data", () => (emitter.destroy(), resolve("reached")));
  });

const fetched = () => fetch(`http://${host}:${port}`).then(String, shape);

/** A name server on loopback that knows one address, whatever is asked. */
async function nameServer() {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  socket.on("message", (query, from) => {
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, ...host.split(".").map(Number)]);
    const head = Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])]);
    const end = query.indexOf(0, 12) + 5;
    socket.send(Buffer.concat([head, query.subarray(12, end), answer]), from.port);
  });
  await once(socket, "listening");
  return socket;
}

const byLookup = (name) =>
  met(
    net.connect({
      port,
      host: name,
      lookup: (_name, { all }, done) =>
        all ? done(null, [{ address: host, family: 4 }]) : done(null, host, 4),
    }),
  );

const things = {
  kinds: async () => ({
    net: await met(net.connect(port, host)),
    tls: await met(tls.connect(port, host)),
    http: await met(http.get({ host, port })),
    https: await met(https.get({ host, port })),
    http2: await met(http2.connect(`http://${host}:${port}`)),
    fetch: await fetched(),
  }),
  one: async () => met(net.connect(port, host)),
  burst: async () => {
    const all = [];
    for (let i = 0; i < 40; i += 1) all.push((await met(net.connect(port, host))) === "reached" ? "C" : "R");
    return all.join("");
  },
  hang: async () => {
    const socket = net.connect(port, host).setTimeout(200);
    await once(socket, "timeout");
    const still = socket.connecting;
    socket.destroy();
    await once(socket, "close");
    return { still };
  },
  lookups: async () => {
    const found = {};
    for (const name of ["other.test", "example.com", "DB.Internal.", "a.b.EXAMPLE.com"])
      found[name] = await byLookup(name);
    return {
      ...found,
      isNamed: lookup === dns.lookup,
      plain: await promisify(lookup)("localhost", { family: 4 }),
    };
  },
  resolved: async () => {
    const server = await nameServer();
    const servers = [`127.0.0.1:${server.address().port}`];
    const [callbacks, promised] = [new dns.Resolver(), new dns.promises.Resolver()];
    callbacks.setServers(servers);
    promised.setServers(servers);
    await promisify(callbacks.resolve4.bind(callbacks))("other.test");
    const before = await met(net.connect(port, host));
    const found = await (process.argv[5] === "promise"
      ? promised.resolve4("Db.INTERNAL", { ttl: true })
      : promisify(callbacks.resolve4.bind(callbacks))("Db.INTERNAL"));
    server.close();
    return { before, found: found.length, after: await met(net.connect(port, host)) };
  },
  worker: async () => {
    const worker = new Worker(new URL(import.meta.url), { argv: [host, portText, "one"] });
    const [found] = await once(worker, "message");
    return found;
  },
};

const found = await things[what]();
if (isMainThread) process.stdout.write(JSON.stringify(found));
else parentPort.postMessage(found);
