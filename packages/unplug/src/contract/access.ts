/** By what route AWS is reached: a reference that may be journalled, never a secret itself. Empty: not used. */
export interface Access {
  readonly region: string;
  readonly profile: string;
  readonly secret: string;
  readonly assumeRoleArn: string;
  readonly externalId: string;
  /** Base URL instead of AWS's own endpoints, as it was when the run began; null for AWS itself. */
  readonly endpoint: string | null;
}

/** By what the environment says, to AWS's own endpoints or those that it names. */
export function environmentAccess(region: string): Access {
  return { region, profile: "", secret: "", assumeRoleArn: "", externalId: "", endpoint: null };
}
