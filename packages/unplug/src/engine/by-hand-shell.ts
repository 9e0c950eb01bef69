/**
 * What the lines of a script by hand are tried with. They are counted that fail, and of a target whose later change is not out
 * the earlier ones are left in, since the later may need them; `part` is the target, `of` its account.
 */
export const TRYING: readonly string[] = [
  "failed=0",
  'stuck=" "',
  "miss() {",
  '  failed=$((failed + 1)) stuck="$stuck$part "',
  "}",
  "try() {",
  '  echo "+ $*"',
  '  if [ "$of" != "$account" ]; then',
  '    echo "Not tried: it needs credentials of account $of." >&2; miss; return',
  "  fi",
  '  case "$stuck" in',
  '    *" $part "*) echo "Not tried: a later change of the same target is not out." >&2; miss; return ;;',
  "  esac",
  '  "$@" || miss',
  "}",
  "last() {",
  '  if [ "$failed" -gt 0 ]; then',
  '    echo "+ $*"',
  '    echo "Not tried: what failed may need it still." >&2; failed=$((failed + 1)); return',
  "  fi",
  "  # Nothing needs what may stay.",
  '  kept=$stuck; try "$@"; stuck=$kept',
  "}",
  "cannot() {",
  '  echo "$*" >&2; miss',
  "}",
  "settled() {",
  '  case "$stuck" in *" $part "*) ;; *) try aws lambda wait function-updated-v2 "$@" ;; esac',
  "}",
];

export const TOLD_AT_THE_END: readonly string[] = [
  'if [ "$failed" -gt 0 ]; then',
  '  echo "$failed of these calls failed: what they would have put back may still be in. Mend the reason and run this again." >&2',
  "  exit 1",
  "fi",
];

/** Whether a function has what the run gave it: 0 yes, 1 no, and 2 where it has its own already. */
const HAS_OURS: readonly string[] = [
  "has_ours() { # FUNCTION OURS OWN WHERE...",
  "  arn=$1 ours=$2 own=$3; shift 3",
  '  remedy="unplug restore $run tells and does it where its journal is, and elsewhere: unplug restore --function $arn $1 $2 --yes."',
  '  is=$(aws lambda get-function-configuration --function-name "$arn" --query CodeSha256 --output text "$@") || return 1',
  '  if [ "$is" = "$ours" ]; then return 0; fi',
  '  if [ "$is" = "$own" ]; then echo "It is there already."; return 2; fi',
  '  echo "Somebody has changed the code of $arn since (CodeSha256 $is): it is left as it is. Whether a part of ours is in it: $remedy" >&2',
  "  return 1",
  "}",
];

/** The own code of a function, which may still be there as a published version. */
const GIVE_CODE: readonly string[] = [
  "give_code() { # FUNCTION OURS OWN WHERE...",
  '  has_ours "$@" || { [ $? -eq 2 ]; return; }',
  "  shift 3",
  `  version=$(aws lambda list-versions-by-function --function-name "$arn" --query "Versions[?CodeSha256=='$own'] | [0].Version" --output json "$@") || version=null`,
  '  case "$version" in',
  '    \\"[0-9]*) ;;',
  '    *) echo "The code of $arn is still the one with our part in it. No published version has its own (CodeSha256 $own), and no line of the AWS CLI cuts it out of the zip. $remedy Or deploy the code of the function again. Once its variables are back, what is in it is inert." >&2',
  "       return 1 ;;",
  "  esac",
  "  version=${version#?} version=${version%?}",
  '  url=$(aws lambda get-function --function-name "$arn" --qualifier "$version" --query Code.Location --output text "$@") || return 1',
  "  zip=$(mktemp) || return 1",
  "  # The address is a secret for some minutes: no argument of a process.",
  `  printf 'url = "%s"\\n' "$url" | curl --silent --show-error --fail --config - --output "$zip" &&`,
  '    is=$(aws lambda update-function-code --function-name "$arn" --zip-file "fileb://$zip" --query CodeSha256 --output text "$@")',
  '  rm -f "$zip"',
  '  if [ "$is" = "$own" ]; then return 0; fi',
  '  echo "Version $version has the own code of $arn, and it could not be given. $remedy" >&2',
  "  return 1",
  "}",
];

/** The own code of a function, through the bucket. */
const GIVE_STAGED: readonly string[] = [
  "give_staged() { # BUCKET KEY FUNCTION OURS OWN WHERE...",
  "  bucket=$1 key=$2; shift 2",
  '  has_ours "$@" || { [ $? -eq 2 ]; return; }',
  "  shift 3",
  '  is=$(aws lambda update-function-code --function-name "$arn" --s3-bucket "$bucket" --s3-key "$key" --query CodeSha256 --output text "$@") && [ "$is" = "$own" ] && return 0',
  '  echo "The own code of $arn was not given. Where the bucket has it no more, it can be cut out of the code that is in: $remedy" >&2',
  "  return 1",
  "}",
];

/** The own image of a function: by its tag while that means it, and else by its digest. */
const GIVE_IMAGE: readonly string[] = [
  "give_image() { # REGISTRY REPOSITORY TAG URI FUNCTION OURS OWN WHERE...",
  "  registry=$1 repository=$2 tag=$3 uri=$4; shift 4",
  '  has_ours "$@" || { [ $? -eq 2 ]; return; }',
  "  shift 3",
  '  if [ -n "$tag" ]; then',
  '    means=$(aws ecr describe-images --registry-id "$registry" --repository-name "$repository" --image-ids "imageTag=$tag" --query "imageDetails[0].imageDigest" --output text "$@") || means=unknown',
  '    if [ "$means" = "sha256:$own" ]; then uri=${uri%@*}:$tag',
  '    else echo "The tag $tag of $repository does not name the own image of $arn now ($means): that is given by its digest." >&2',
  "    fi",
  "  fi",
  '  is=$(aws lambda update-function-code --function-name "$arn" --image-uri "$uri" --query CodeSha256 --output text "$@") && [ "$is" = "$own" ] && return 0',
  '  echo "The own image of $arn was not given. Where ECR has it no more, what the function has now is made of it still: $remedy" >&2',
  "  return 1",
  "}",
];

/** A version of the run, by its description: never what is no number, which would be the function. */
const DELETE_VERSION: readonly string[] = [
  "delete_version() { # FUNCTION DESCRIPTION WHERE...",
  "  arn=$1 description=$2; shift 2",
  `  version=$(aws lambda list-versions-by-function --function-name "$arn" --query "Versions[?Description=='$description'] | [0].Version" --output json "$@") || return 1`,
  '  if [ "$version" = null ]; then echo "It is not there."; return 0; fi',
  "  version=${version#?} version=${version%?}",
  '  case "$version" in',
  '    "" | *[!0-9]*) echo "$arn has no version that is named so: $version." >&2; return 1 ;;',
  "  esac",
  '  aws lambda delete-function --function-name "$arn" --qualifier "$version" "$@"',
  "}",
];

/** Takes a tag of ours away while it means ours, and nobody else has that image: one day AWS could not start them any more. */
const UNTAG: readonly string[] = [
  'untag() { # FUNCTION OURS REGISTRY REPOSITORY TAG "WHERE..." CALL...',
  "  arn=$1 ours=$2 registry=$3 repository=$4 tag=$5 where=$6; shift 6",
  '  means=$(aws ecr describe-images --registry-id "$registry" --repository-name "$repository" --image-ids "imageTag=$tag" --query "imageDetails[0].imageDigest" --output text $where 2>&1) || {',
  '    case "$means" in *ImageNotFound*) echo "It is not there."; return 0 ;; esac',
  '    echo "$means" >&2; return 1',
  "  }",
  '  if [ "$means" != "sha256:$ours" ]; then',
  '    echo "The tag $tag of $repository names another image by now ($means): it is left as it is." >&2; return 0',
  "  fi",
  `  theirs=$(aws lambda list-versions-by-function --function-name "$arn" --query "Versions[?CodeSha256=='$ours' && Version!='\\$LATEST' && !contains(Description || '', '$run')].Version" --output json $where) || return 1`,
  '  if [ "$theirs" != "[]" ]; then',
  '    echo "Somebody published versions of $arn that have the image of the run, so it stays:" $theirs "Once nobody needs them, delete them and run this again." >&2; return 1',
  "  fi",
  `  theirs=$(aws lambda list-functions --query "Functions[?CodeSha256=='$ours' && FunctionArn!='$arn'].FunctionName" --output json $where) || return 1`,
  '  if [ "$theirs" != "[]" ]; then',
  '    echo "Other functions have the image of the run, so it stays:" $theirs "Give them another and run this again." >&2; return 1',
  "  fi",
  `  left=$("$@" --query "failures[?failureCode!='ImageNotFound'].failureReason" --output json) || return 1`,
  '  case "$left" in "[]" | null) ;; *) echo "It was not deleted:" $left >&2; return 1 ;; esac',
  "}",
];

/** What the lines of a script begin with, behind how they are tried. */
export function functionsFor(lines: readonly string[]): readonly string[] {
  const has = (name: string) => lines.some((line) => line.split(" ")[1] === name);
  const [code, staged, image] = [has("give_code"), has("give_staged"), has("give_image")];
  return [
    ...(code || staged || image ? HAS_OURS : []),
    ...(code ? GIVE_CODE : []),
    ...(staged ? GIVE_STAGED : []),
    ...(image ? GIVE_IMAGE : []),
    ...(has("untag") ? UNTAG : []),
    ...(has("delete_version") ? DELETE_VERSION : []),
  ];
}
