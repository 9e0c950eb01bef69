#!/usr/bin/env bash
# Runs both main faults of Unplug on small functions of its own in a real AWS account, prints what AWS answered to the questions
# that no documentation answers, and removes everything that it made; also after Ctrl-C. docs/first-contact.md tells the rest.
#
#   AWS_REGION=eu-west-1 bash first-contact.sh
#
# ROLE_ARN=…               an execution role to use, where you may not make one (logs, sqs:ReceiveMessage and the like)
# FIRST_CONTACT_HOST=…     to which the functions connect: HOST:PORT
# FIRST_CONTACT_IMAGE=…    the image of a function, in an ECR repository of this account and region: made into a function, called with {}
# FIRST_CONTACT_HOLD=60    seconds for which each fault is in
# FIRST_CONTACT_WAIT=60    seconds for which it looks whether a disabled mapping still takes messages
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
host=${FIRST_CONTACT_HOST:-sts.${AWS_REGION:-}.amazonaws.com:443}
hold=${FIRST_CONTACT_HOLD:-60}
wait=${FIRST_CONTACT_WAIT:-60}
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
if [[ -z $region ]]; then
  echo "first-contact: set AWS_REGION, like AWS_REGION=eu-west-1" >&2
  exit 2
fi
for program in aws unplug zip; do
  command -v "$program" >/dev/null || { echo "first-contact: $program is not installed" >&2; exit 2; }
done
export AWS_REGION=$region AWS_DEFAULT_REGION=$region AWS_PAGER=

# Version 1 of the AWS CLI reads AWS_ENDPOINT_URL not for every service.
aws() { command aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"; }
ask() { aws "$@" --output text 2>&1; }
say() { printf '\n== %s\n' "$*"; }
answer() { printf '%-58s %s\n' "$1" "$2" | tee -a "$work/answers"; }
now() { date +%s; }

name=unplug-first-contact-$(now)-$RANDOM
worker=$name-worker
caller=$name-caller
functions=("$worker" "$caller" "$name-go" "$name-go-image" "$name-image")
work=$(mktemp -d)
export UNPLUG_HOME=$work/home
made_role='' made_repository='' queue='' uuid='' arn='' block='' ended=''

# Whatever is there is tried, and nothing stops at the first failure: what was never made is not there to be removed.
remove() {
  [[ -n $ended ]] && return 0
  ended=yes
  trap '' INT TERM HUP
  say "Removing everything that was made"
  local left=0 one
  # Its first signal lets a run restore; that of the terminal may have reached it, and a second skips nothing.
  if [[ -n $block ]]; then
    kill -INT "$block" 2>/dev/null
    wait "$block"
  fi
  unplug restore --all || left=1
  # Whoever is interrupted while AWS makes a thing does not know it: they are looked for by the names that they would have.
  for one in $(ask lambda list-event-source-mappings --function-name "$worker" --query 'EventSourceMappings[].UUID'); do
    [[ $one =~ ^[0-9a-f-]{36}$ ]] || continue
    gone "mapping $one" "ResourceNotFound" lambda delete-event-source-mapping --uuid "$one" || left=1
  done
  [[ -n $queue ]] || queue=$(ask sqs get-queue-url --queue-name "$name" --query QueueUrl)
  for function in "${functions[@]}"; do
    gone "function $function" "ResourceNotFound" lambda delete-function --function-name "$function" || left=1
    ask logs delete-log-group --log-group-name "/aws/lambda/$function" >/dev/null
  done
  if [[ $queue == http* ]]; then gone "queue $queue" "NonExistentQueue" sqs delete-queue --queue-url "$queue" || left=1; fi
  if [[ -n $made_repository ]]; then
    gone "repository $name" "RepositoryNotFound" ecr delete-repository --force --repository-name "$name" || left=1
  fi
  if [[ -n $made_role ]]; then
    ask iam delete-role-policy --role-name "$name" --policy-name first-contact >/dev/null
    gone "role $name" "NoSuchEntity" iam delete-role --role-name "$name" || left=1
  fi
  if [[ -f $work/layers ]]; then
    local layer version
    while read -r layer version; do
      [[ $layer == unplug-interceptor-* ]] || continue
      grep -qxF "$layer $version" "$work/layers" && continue
      gone "layer $layer" "ResourceNotFound" lambda delete-layer-version --layer-name "$layer" --version-number "$version" || left=1
    done < <(layers)
  fi
  if [[ -s $work/answers ]]; then
    say "What AWS answered; please tell it with the date and the region"
    cat "$work/answers"
  fi
  if ((left)); then
    echo "Something could not be removed: look above. The journal is in $UNPLUG_HOME." >&2
    return 1
  fi
  rm -rf "$work"
  say "Nothing is left."
}

# Removes one thing, and says so where it could not: gone WHAT THE-ERROR-OF-NOT-BEING-THERE COMMAND...
gone() {
  local what=$1 missing=$2 said
  shift 2
  said=$(ask "$@") && return 0
  [[ $said == *"$missing"* ]] && return 0
  echo "first-contact: $what is left: $said" >&2
  return 1
}

layers() {
  ask lambda list-layers --query 'Layers[].[LayerName,LatestMatchingVersion.Version]' |
    awk '/^unplug-interceptor-/ { print $1, $2 }'
}

interrupted() {
  echo "first-contact: interrupted" >&2
  remove
  exit 130
}
trap interrupted INT TERM HUP
trap 'code=$?; remove || code=1; exit $code' EXIT
stop() {
  echo "first-contact: $*" >&2
  exit 1
}

say "Two functions, a queue and a mapping: $name"
identity=$(ask sts get-caller-identity --query Arn) || stop "no identity: $identity"
echo "as $identity in $region"
layers >"$work/layers"
cp "$here/first-contact.mjs" "$work/index.mjs"
(cd "$work" && zip -q code.zip index.mjs) || stop "zip failed"

role=${ROLE_ARN:-}
if [[ -z $role ]]; then
  made_role=yes
  role=$(ask iam create-role --role-name "$name" --query Role.Arn --assume-role-policy-document \
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}') ||
    stop "no role could be made, give one as ROLE_ARN: $role"
  said=$(ask iam put-role-policy --role-name "$name" --policy-name first-contact --policy-document \
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes"],"Resource":"*"}]}') ||
    stop "the role's policy: $said"
fi
queue=$(ask sqs create-queue --queue-name "$name" --query QueueUrl) || stop "no queue: $queue"

# A role that was just made is not known everywhere at once. make_function NAME WHAT-IT-IS-MADE-OF...
make_function() {
  local said function=$1
  shift
  for _ in {1..15}; do
    said=$(ask lambda create-function --function-name "$function" --timeout 10 --role "$role" \
      --environment "Variables={HOST=$host}" --query FunctionArn "$@") && arn=$said && break
    [[ $said == *"cannot be assumed"* || $said == *"role"* ]] || stop "function $function: $said"
    arn=''
    sleep 3
  done
  [[ -n $arn ]] || stop "function $function: $said"
  aws lambda wait function-active-v2 --function-name "$function" || stop "the function $function did not become active"
}
node=(--runtime nodejs22.x --handler index.handler --zip-file "fileb://$work/code.zip")
make_function "$caller" "${node[@]}"
make_function "$worker" "${node[@]}"
queue_arn=$(ask sqs get-queue-attributes --queue-url "$queue" --attribute-names QueueArn --query Attributes.QueueArn)
for _ in {1..15}; do
  uuid=$(ask lambda create-event-source-mapping --function-name "$worker" --event-source-arn "$queue_arn" --query UUID) && break
  said=$uuid uuid=''
  sleep 3
done
[[ -n $uuid ]] || stop "no mapping: $said"

mapping() { ask lambda get-event-source-mapping --uuid "$uuid" --query State; }
# Seconds until the mapping says $1, of at most 180; "never, NAME" where it says something else until then.
until_state() {
  local began state
  began=$(now)
  while state=$(mapping); [[ $state != "$1" ]]; do
    (($(now) - began > 180)) && { echo "never, $state"; return 1; }
    sleep 1
  done
  echo "$(($(now) - began)) s"
}
answer "A new mapping of a queue is Enabled after" "$(until_state Enabled)"

say "Fault 1: the mapping is disabled for $hold s, and enabled again"
unplug fault lambda-toggle-event-mapping-state "FUNCTION_NAME=$worker" EVENT_UUIDS=all "TOTAL_CHAOS_DURATION=$hold"
answer "lambda-toggle-event-mapping-state ended with exit code" $?

say "What an update answers while a mapping is Disabling"
read -r state reason < <(ask lambda update-event-source-mapping --uuid "$uuid" --no-enabled --query '[State,StateTransitionReason]')
answer "Disabling answers state, reason" "$state, ${reason:-none}"
turned=$(ask lambda update-event-source-mapping --uuid "$uuid" --enabled --query State)
answer "Enabling while $(mapping) is answered" "$(tr -s '\n' ' ' <<<"$turned")"
answer "It is Enabled after that within" "$(until_state Enabled)"

say "Whether a mapping that says Disabled still takes messages"
ask lambda update-event-source-mapping --uuid "$uuid" --no-enabled --query State >/dev/null
answer "Disabled is said after" "$(until_state Disabled)"
ask sqs send-message --queue-url "$queue" --message-body "after Disabled" >/dev/null
sleep "$wait"
depth=$(ask sqs get-queue-attributes --queue-url "$queue" --query Attributes \
  --attribute-names ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible)
answer "Of 1 message sent then, waiting and in flight after $wait s" "$(tr -s '\t' ' ' <<<"$depth")"
answer "Tags that can be read of a mapping" "$(ask lambda list-tags --query 'length(keys(Tags))' \
  --resource "${arn%%:function:*}:event-source-mapping:$uuid")"

say "How RevisionId and LastUpdateStatus go through an update"
read -r first status < <(ask lambda update-function-configuration --function-name "$caller" --description "first contact" \
  --query '[RevisionId,LastUpdateStatus]')
began=$(now)
aws lambda wait function-updated --function-name "$caller"
second=$(ask lambda get-function-configuration --function-name "$caller" --query RevisionId)
answer "An update answers LastUpdateStatus, is Successful within" "$status, $(($(now) - began)) s"
answer "RevisionId changes again when it is Successful" "$([[ $first == "$second" ]] && echo no || echo yes)"

called() {
  aws lambda invoke --function-name "$1" "$work/said" --output text >"$work/invoked" 2>&1 && tr -d '"' <"$work/said" || cat "$work/invoked"
}
# Blocks a function and answers what its connects said before, meanwhile and after: blocked FUNCTION WHAT-IT-IS
blocked() {
  local function=$1 what=$2 began before during listed code
  say "Fault 2: all outbound TCP of a function ($what) is refused for $hold s"
  before=$(called "$function")
  answer "$what: before, a connect said" "$before"
  began=$(now)
  # What the last one said is not to be taken for what this one says.
  : >"$work/block"
  unplug fault lambda-block-tcp-connection "FUNCTION_NAME=$function" "TOTAL_CHAOS_DURATION=$hold" >"$work/block" 2>&1 &
  block=$!
  while kill -0 "$block" 2>/dev/null && ! grep -q "held until" "$work/block"; do sleep 0.5; done
  if grep -q "held until" "$work/block"; then
    answer "$what: it was confirmed within" "$(($(now) - began)) s"
    began=$(now)
    during=$(called "$function")
    answer "$what: then, within $(($(now) - began)) s, a connect said" "$during"
    if [[ $before == *environment=* ]]; then
      answer "$what: that environment is" "$([[ ${during##*=} == "${before##*=}" ]] && echo "the one from before the fault" || echo "a new one")"
    fi
    listed=$(ask lambda list-functions --function-version ALL \
      --query "length(Functions[?FunctionName=='$function' && Environment.Variables.UNPLUG_INTERCEPTOR])")
    answer "$what: ListFunctions shows the marker in the variables of" "$listed function(s)"
  fi
  # With calls until its end Unplug sees how the function copes, and when it is well again.
  while kill -0 "$block" 2>/dev/null; do called "$function" >/dev/null; sleep 2; done
  wait "$block"
  code=$?
  block=''
  cat "$work/block"
  answer "$what: lambda-block-tcp-connection ended with exit code" "$code"
  answer "$what: after the restore, a connect said" "$(called "$function")"
}
blocked "$caller" "Node.js"

digest_of() { printf 'sha256:%s' "$( (sha256sum "$1" 2>/dev/null || shasum -a 256 "$1") | cut -d ' ' -f 1)"; }
bytes_of() { wc -c <"$1" | tr -d ' '; }
# Puts a file into the repository as a blob.
push() {
  local upload said digest
  digest=$(digest_of "$1")
  upload=$(ask ecr initiate-layer-upload --repository-name "$name" --query uploadId) || stop "no upload to $name: $upload"
  said=$(ask ecr upload-layer-part --repository-name "$name" --upload-id "$upload" --part-first-byte 0 \
    --part-last-byte "$(($(bytes_of "$1") - 1))" --layer-part-blob "fileb://$1") &&
    said=$(ask ecr complete-layer-upload --repository-name "$name" --upload-id "$upload" --layer-digests "$digest") ||
    stop "$1 was not taken by $name: $said"
}
digest_is_told() {
  local told digest=${2#sha256:}
  told=$(ask lambda get-function-configuration --function-name "$1" --query CodeSha256)
  answer "CodeSha256 of an image is its digest" "$([[ $told == "$digest" ]] && echo yes || echo "no: $told of $digest")"
}

if command -v go >/dev/null; then
  (cd "$work" && GO111MODULE=off CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -ldflags=-s -o bootstrap "$here/first-contact.go" && zip -q go.zip bootstrap &&
    tar -cf layer.tar bootstrap && gzip -nk layer.tar) || stop "the Go program could not be built"
  make_function "$name-go" --runtime provided.al2023 --handler bootstrap --zip-file "fileb://$work/go.zip"
  blocked "$name-go" "Go"

  made_repository=yes
  repository=$(ask ecr create-repository --repository-name "$name" --query repository.repositoryUri) || stop "no repository: $repository"
  printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/bootstrap"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}' \
    "$(digest_of "$work/layer.tar")" >"$work/config.json"
  push "$work/layer.tar.gz"
  push "$work/config.json"
  printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","size":%d,"digest":"%s"},"layers":[{"mediaType":"%s","size":%d,"digest":"%s"}]}' \
    application/vnd.oci.image.manifest.v1+json \
    application/vnd.oci.image.config.v1+json "$(bytes_of "$work/config.json")" "$(digest_of "$work/config.json")" \
    application/vnd.oci.image.layer.v1.tar+gzip "$(bytes_of "$work/layer.tar.gz")" "$(digest_of "$work/layer.tar.gz")" >"$work/manifest.json"
  said=$(ask ecr put-image --repository-name "$name" --image-tag first --image-manifest "file://$work/manifest.json" \
    --image-manifest-media-type application/vnd.oci.image.manifest.v1+json) || stop "the image was not taken by $name: $said"
  make_function "$name-go-image" --package-type Image --code "ImageUri=$repository:first"
  digest_is_told "$name-go-image" "$(digest_of "$work/manifest.json")"
  blocked "$name-go-image" "Go, in an image"
  answer "Images that are left in the repository, of 1" \
    "$(ask ecr describe-images --repository-name "$name" --query 'length(imageDetails)')"
else
  answer "Go programs, and images" "not tried: go is not installed"
fi
if [[ -n ${FIRST_CONTACT_IMAGE:-} ]]; then
  make_function "$name-image" --package-type Image --code "ImageUri=$FIRST_CONTACT_IMAGE"
  blocked "$name-image" "Your image"
else
  answer "An image with a libc" "not tried: FIRST_CONTACT_IMAGE names none"
fi

say "What is left, before anything is removed"
unplug doctor --function "$caller"
answer "unplug doctor ended with exit code" $?
