export interface EnvironmentVariable {
  readonly names: readonly string[];
  /** A sentence. */
  readonly meaning: string;
}

/** Variables that Unplug reads itself; the AWS SDK reads all others that it knows. */
export const environmentVariables: readonly EnvironmentVariable[] = [
  {
    names: ["UNPLUG_HOME"],
    meaning: "Folder of the journal; else unplug in XDG_STATE_HOME, else ~/.local/state/unplug.",
  },
  { names: ["XDG_STATE_HOME"], meaning: "Where the system keeps state; an absolute path." },
  {
    names: ["UNPLUG_SECRETS"],
    meaning:
      "Folder of the file secrets that AWS_AUTHENTICATION_SECRET and probes name, read before the store of unplug secret; else secrets in UNPLUG_HOME.",
  },
  {
    names: ["UNPLUG_REQUESTS_PER_SECOND"],
    meaning: "Share of Lambda's 15 control-plane requests a second; 14 when left out, 0 is no limit.",
  },
  {
    names: ["UNPLUG_GUARD_RAILS"],
    meaning: "A file of guard rails that holds beside all that are found; it cannot lead away from any.",
  },
  { names: ["XDG_CONFIG_HOME"], meaning: "Where your own guard rails are: unplug/guard-rails.yaml in it." },
  { names: ["UNPLUG_DEBUG"], meaning: "1 adds the stack to the report of a defect." },
  {
    names: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    meaning: "Region where REGION is not given.",
  },
  { names: ["AWS_PROFILE"], meaning: "Profile where the tunable is not given." },
  {
    names: ["AWS_AUTHENTICATION_SECRET", "ASSUME_ROLE_ARN", "ASSUME_ROLE_EXTERNAL_ID"],
    meaning:
      "The tunables of these names, as unplug fault, unplug doctor and unplug restore --function read them.",
  },
  {
    names: ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA"],
    meaning: "Another endpoint than AWS's own: unplug sandbox prints it.",
  },
  { names: ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"], meaning: "true leaves the endpoints above out." },
  {
    names: ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"],
    meaning: "The files of AWS's profiles.",
  },
  {
    names: ["NO_COLOR"],
    meaning: "Anything: no colours (https://no-color.org).",
  },
  {
    names: ["FORCE_COLOR"],
    meaning: "Colours also where no terminal is, before NO_COLOR; 0 or false: none at all.",
  },
  { names: ["CI"], meaning: "Anything: plain lines also in a terminal, nothing is drawn over." },
  { names: ["TERM"], meaning: "dumb: plain lines, no colours." },
  {
    names: ["LC_ALL", "LC_CTYPE", "LANG"],
    meaning:
      "The first that is set says whether marks and plots may be more than ASCII: only if it names UTF-8.",
  },
  { names: ["PATH"], meaning: "Where unplug exec looks for COMMAND." },
  { names: ["LD_PRELOAD", "RES_OPTIONS", "GODEBUG"], meaning: "What unplug exec adds to, for COMMAND." },
];
