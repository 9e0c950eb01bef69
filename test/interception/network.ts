/** What a stage's network holds: plain data, from which its files are written and its servers started. */

/** The DNS server's address: not loopback, as in most networks. */
export const resolver = "10.99.0.53";

/** Every one of these ports answers on every address, HTTP or bare TCP alike. */
export const ports: readonly number[] = [8080, 8081];

const addresses4: readonly string[] = [
  ...Array.from({ length: 40 }, (_, i) => `10.99.0.${i + 1}`),
  ...Array.from({ length: 16 }, (_, i) => `10.99.1.${i + 1}`),
  resolver,
];

const addresses6: readonly string[] = [
  ...Array.from({ length: 40 }, (_, i) => `2001:db8:99::${i + 1}`),
  ...Array.from({ length: 4 }, (_, i) => `2001:db8:99:1::${i + 1}`),
];

/** The hosts file of the stage; a program that asks the DNS server itself does not see these names. */
const hosts = `127.0.0.1 localhost
::1 localhost
10.99.0.12 hosts.blocked.test
10.99.0.13 hosts.ok.test
`;

/** Those of `many.blocked.test`, more than an answer by UDP has room for. Nothing has them, and no way leads there. */
export const manyAddresses: readonly string[] = Array.from({ length: 120 }, (_, i) => `10.98.0.${i + 1}`);

/** What the DNS server says, in dnsmasq's words. Each name has addresses that no other name has. */
const zone = `host-record=ok.test,10.99.0.1
host-record=ok6.test,2001:db8:99::1
host-record=db.blocked.test,10.99.0.2
host-record=db6.blocked.test,2001:db8:99::2
host-record=port.blocked.test,10.99.0.4
host-record=ahead.test,10.99.0.5
host-record=both.blocked.test,10.99.0.6,2001:db8:99::6
host-record=wild.test,10.99.0.7
host-record=a.wild.test,10.99.0.8
host-record=a.b.wild.test,10.99.0.11
host-record=real.test,10.99.0.9
cname=alias.test,real.test
host-record=end.test,10.99.0.10
cname=middle.test,end.test
cname=start.test,middle.test
host-record=end2.test,10.99.0.14
cname=middle2.test,end2.test
cname=start2.test,middle2.test
host-record=far.test,10.99.0.15
host-record=rotate.blocked.test,10.99.0.31
host-record=rotate.blocked.test,10.99.0.32
host-record=rotate.blocked.test,10.99.0.33
${manyAddresses.map((address) => `host-record=many.blocked.test,${address}\n`).join("")}`;

/** Names so long that an answer with all of them is longer than a datagram of DNS takes: it is cut off, and asked for by TCP. */
const stations = Array.from("abcdefgh", (letter) => `${`${letter.repeat(60)}.`.repeat(3)}test`);
const longWay = ["long.blocked.test", ...stations]
  .map((name, i) => `cname=${name},${stations[i] ?? "far.test"}\n`)
  .join("");

/** The files of a stage: name -> text. Those of /etc stand in for the machine's own. */
export function stageFiles(folder: string): ReadonlyMap<string, string> {
  return new Map([
    ["hosts", hosts],
    ["resolv.conf", `nameserver ${resolver}\noptions timeout:20 attempts:2\n`],
    ["nsswitch.conf", "hosts: files dns\n"],
    ["dnsmasq.conf", dnsmasqConfiguration(folder)],
    ["addresses", addressCommands()],
  ]);
}

function dnsmasqConfiguration(folder: string): string {
  return `no-resolv
no-hosts
listen-address=${resolver}
bind-interfaces
local=/test/
pid-file=${folder}/dnsmasq.pid
${zone}${longWay}`;
}

/** For `ip -batch`. All of them lie on loopback: not every kernel has dummy interfaces. */
function addressCommands(): string {
  return [
    "link set lo up",
    ...addresses4.map((address) => `addr add ${address}/24 dev lo`),
    ...addresses6.map((address) => `addr add ${address}/64 dev lo nodad`),
    "",
  ].join("\n");
}
