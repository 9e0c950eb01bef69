import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { hasItAlready, relaySignals } from "./relay-signals.ts";

const alone = { state: "S", isSessionLeader: false, hasTerminal: false, inForeground: false };
const foreground = { ...alone, hasTerminal: true, inForeground: true };
const background = { ...alone, hasTerminal: true };

test.each(["SIGINT", "SIGQUIT", "SIGTSTP", "SIGCONT", "SIGWINCH"] as const)(
  "%s comes from the terminal or the shell only to the job in the foreground",
  (signal) => {
    expect(hasItAlready(signal, foreground, foreground)).toBe(true);
    expect(hasItAlready(signal, foreground, background)).toBe(false);
    expect(hasItAlready(signal, alone, alone)).toBe(false);
  },
);

test("a hangup has reached the whole job, but for the one process whose session it is", () => {
  expect(hasItAlready("SIGHUP", foreground, alone)).toBe(true);
  expect(hasItAlready("SIGHUP", foreground, { ...alone, isSessionLeader: true })).toBe(false);
  expect(hasItAlready("SIGHUP", foreground, foreground)).toBe(false);
  expect(hasItAlready("SIGHUP", alone, alone)).toBe(false);
});

test.each(["SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGIO"] as const)(
  "%s is always passed on",
  (signal) => {
    expect(hasItAlready(signal, foreground, foreground)).toBe(false);
  },
);

test("everything is passed on where nothing is known", () => {
  expect(hasItAlready("SIGINT", null, null)).toBe(false);
});

test("passes nothing on before there is a program, and leaves no listener behind", () => {
  const from = Object.assign(new EventEmitter(), { pid: process.pid, kill: () => true });
  const sent: string[] = [];
  let running = false;
  const relay = relaySignals(() => (running ? { pid: 0, send: (signal) => sent.push(signal) } : null), from);

  from.emit("SIGTERM");
  running = true;
  from.emit("SIGUSR2");
  relay.close();

  expect(sent).toEqual(["SIGUSR2"]);
  expect(from.eventNames()).toEqual([]);
});
