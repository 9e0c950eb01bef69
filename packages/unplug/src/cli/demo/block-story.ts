import { systemClock } from "../../contract/clock.ts";
import { Refusal } from "../../contract/refusal.ts";
import { plot } from "../../report/plot.ts";
import { exitCodes } from "../exit-codes.ts";
import { lookOf } from "../look.ts";
import type { Shell } from "../shell.ts";
import { type Act, type Books, blockClaims, bookTable } from "./block-proof.ts";
import { FUNCTION_NAME, openCheckout } from "./checkout-function.ts";
import { type Checkout, type Customers, letIn } from "./customers.ts";
import { openDatabase } from "./database.ts";
import { databaseAddress } from "./database-address.ts";
import { inPrivateNetwork, whyNoPrivateNetwork } from "./private-network.ts";
import { onStage, type Stage } from "./stage.ts";
import { tell, tellClaims, widthOf } from "./told.ts";

const CUSTOMERS = 4;
/** Lambda's own default. */
const TIMEOUT_SECONDS = 3;
const HEALTHY_MS = 2_000;
const REFUSE_SECONDS = 4;
const HANG_SECONDS = 9;
/** So many checkouts after a restore are enough to judge it; they may be long in coming where the machine is busy. */
const ENOUGH = 20;
const PATIENCE_MS = 20_000;

/**
 * The story of a database that cannot be reached: the same fault once as a refusal and once as silence.
 *
 * The database listens on an address that can be blocked: one of the machine's own, else one of a private network, in
 * which the command runs again. Refuses where neither can be, and where functions have no /opt and /var/task of their own.
 */
export async function blockStory(shell: Shell): Promise<number> {
  const host = databaseAddress();
  if (host !== null) return onStage(shell, (stage) => play(shell, stage, host));
  const obstacle = await whyNoPrivateNetwork(shell.env);
  if (obstacle === null) return inPrivateNetwork(["demo", "block"], shell.env);
  throw new Refusal(
    `unplug demo block needs an address for its database, and this machine has none but loopback, which is never blocked, nor can it have a private network (${obstacle}).`,
  );
}

async function play(shell: Shell, stage: Stage, host: string): Promise<number> {
  const { signal, withoutMounts } = stage;
  if (withoutMounts !== null) {
    throw new Refusal(
      `unplug demo block needs functions with /opt and /var/task of their own, and they cannot have them here: ${withoutMounts}.`,
    );
  }
  const database = await openDatabase(host);
  stage.defer(() => database.close());
  tell(shell, introduction(targetOf(database)));
  const shop = await openCheckout({ ...stage, clock: systemClock }, database, TIMEOUT_SECONDS);
  const configurations = [await shop.configuration()];
  const customers = letIn(CUSTOMERS, { checkOut: shop.checkOut, clock: systemClock });
  stage.defer(() => customers.stop());
  await systemClock.sleep(HEALTHY_MS, signal);

  const act = async (behavior: Act["behavior"], seconds: number): Promise<Act | number> => {
    const startedAt = systemClock.now();
    const code = await stage.fault("lambda-block-tcp-connection", {
      FUNCTION_NAME,
      REGION: stage.region,
      TARGET_HOSTNAMES: targetOf(database),
      BLOCK_BEHAVIOR: behavior,
      TOTAL_CHAOS_DURATION: seconds,
    });
    if (signal.aborted || code !== exitCodes.done) return code;
    const played = await stage.lastFault();
    configurations.push(await shop.configuration());
    await someAfter(customers, played.restoredAt, signal);
    return { behavior, startedAt, ...played };
  };

  if (!signal.aborted) tell(shell, "First the database refuses every connection, as one that has died does.");
  const refuse = signal.aborted ? exitCodes.done : await act("refuse", REFUSE_SECONDS);
  if (signal.aborted || typeof refuse === "number") return Number(refuse);
  tell(
    shell,
    "Checkouts go through again. Now the database is silent, as behind a firewall that drops packets.",
  );
  const hang = await act("hang", HANG_SECONDS);
  if (signal.aborted || typeof hang === "number") return Number(hang);
  await customers.stop();
  const blockedAt = await shop.blockedAt();
  const { checkouts } = customers;
  return judge(shell, { acts: [refuse, hang], checkouts, taken: database.taken, blockedAt, configurations });
}

function introduction(target: string): string {
  return (
    `A small shop opens on this machine: a database that takes orders over TCP (${target}), a Lambda function that ` +
    `writes each checkout into it, with Lambda's usual timeout of ${TIMEOUT_SECONDS} s, and ${CUSTOMERS} customers who check out all ` +
    `the time. No AWS account is touched. The question: when the database cannot be reached, does the function return ` +
    `a clean error, or hang until its timeout?`
  );
}

/** As TARGET_HOSTNAMES takes it. */
function targetOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

async function someAfter({ checkouts }: Customers, from: number, signal: AbortSignal): Promise<void> {
  const patience = systemClock.now() + PATIENCE_MS;
  const isEnough = () => checkouts.filter(({ began }) => began >= from).length >= ENOUGH;
  while (!signal.aborted && !isEnough() && systemClock.now() < patience) await systemClock.sleep(100, signal);
}

function judge(shell: Shell, books: Books): number {
  const look = { ...lookOf(shell.stdout, shell.env), width: widthOf(shell) };
  const windows = books.acts.map(({ window }) => window);
  shell.stdout.write("\nCheckouts that went through, second by second; the faults are marked below:\n\n");
  shell.stdout.write(`${plot(perSecond(books.checkouts), { ...look, height: 6, windows })}\n`);
  tell(shell, "What the shop's own books say, its customers' and its database's:");
  shell.stdout.write(
    `\n${bookTable(books)
      .map((line) => `  ${line}`)
      .join("\n")}\n\n`,
  );
  const all = tellClaims(shell, blockClaims(books));
  tell(
    shell,
    all
      ? "So a database that refuses costs a checkout a clean error at once, and one that is silent costs it all of the function's timeout: nothing in the function's code ends the wait sooner. It came back by itself both times."
      : "So not everything held that the fault and its restore should have kept.",
  );
  return all ? exitCodes.done : exitCodes.unmet;
}

/** How many went through in each whole second; the last one is not whole. */
function perSecond(checkouts: readonly Checkout[]): readonly (readonly [at: number, count: number])[] {
  const [from, to] = [
    Math.min(...checkouts.map(({ began }) => began)),
    Math.max(...checkouts.map(({ ended }) => ended)),
  ];
  return Array.from({ length: Math.floor((to - from) / 1000) }, (_, second) => {
    const begin = from + second * 1000;
    const isIn = ({ ended, outcome }: Checkout) => outcome === "ok" && ended >= begin && ended < begin + 1000;
    return [begin + 500, checkouts.filter(isIn).length] as const;
  });
}
