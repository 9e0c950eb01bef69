import type { CallContext, Caller } from "../caller.ts";

/** Source: Amazon ECR user guide, "Private registry authentication": twelve hours. */
const validMs = 43_200_000;

/** Who pushes and pulls with a token. */
export interface TokenHolder {
  readonly caller: Pick<Caller, "accessKey" | "sessionToken" | "region">;
  /** The account whose registry it is for. */
  readonly account: string;
  readonly expiresAt: number;
}

/** Passwords that GetAuthorizationToken gives out. They are forgotten with the process. */
export interface RegistryTokens {
  issue(account: string, context: CallContext, password: string): TokenHolder;
  /** Whoever has this password; undefined: nobody. */
  holder(password: string): TokenHolder | undefined;
  /** As if the time of all that were given out until now were over. */
  end(now: number): void;
}

export function createRegistryTokens(): RegistryTokens {
  const holders = new Map<string, TokenHolder>();
  return {
    issue: (account, { caller, region, now }, password) => {
      // One that has expired is still told apart from one that never was, for as long again.
      for (const [key, { expiresAt }] of holders) if (expiresAt + validMs < now) holders.delete(key);
      const { accessKey, sessionToken } = caller;
      const holder: TokenHolder = {
        caller: {
          region,
          ...(accessKey === undefined ? {} : { accessKey }),
          ...(sessionToken === undefined ? {} : { sessionToken }),
        },
        account,
        expiresAt: now + validMs,
      };
      holders.set(password, holder);
      return holder;
    },
    holder: (password) => holders.get(password),
    end: (now) => {
      for (const [key, holder] of holders) {
        holders.set(key, { ...holder, expiresAt: Math.min(holder.expiresAt, now) });
      }
    },
  };
}
