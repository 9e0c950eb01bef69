import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";

/** Credentials that belong to another account than those that a run began with. */
export class OtherAccount extends Error {
  override readonly name = "OtherAccount";
}

/**
 * Keeps a run in the account that it began in: a file of keys, or a profile, may be given another's while a fault is in, for whom
 * nothing that the run changed is there, and "not found" would read as gone.
 */
export class OneAccount {
  readonly #accountOf: (keys: AwsCredentialIdentity) => Promise<string>;
  #account: string | null = null;
  /** The keys that were looked at last. */
  #keyId = "";

  /** `accountOf` asks AWS whose keys they are: what a file says of its own may be left over from others. */
  constructor(accountOf: (keys: AwsCredentialIdentity) => Promise<string>) {
    this.#accountOf = accountOf;
  }

  /** From here on it is known. */
  begin(account: string): void {
    this.#account = account;
  }

  /** The provider, rejecting with OtherAccount for another's credentials. */
  of(provider: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
    return async (options) => {
      const keys = await provider(options);
      if (this.#account !== null && keys.accessKeyId !== this.#keyId) {
        const account = await this.#accountOf(keys);
        if (account !== this.#account)
          throw new OtherAccount(
            `the credentials were replaced by those of account ${account}, and the run is in account ${this.#account}; they are not used. Put back credentials of that account`,
          );
      }
      this.#keyId = keys.accessKeyId;
      return keys;
    };
  }
}
