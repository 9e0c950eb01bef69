# curl.sh curl TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless that is 0, and prints a
# line of JSON about it.
shift
while [ $# -gt 0 ]; do
  limit=""
  if [ "$2" -gt 0 ]; then limit="--connect-timeout $(awk "BEGIN { print $2 / 1000 }")"; fi
  # shellcheck disable=SC2086 # two words, or none
  seconds=$(curl --silent --globoff --noproxy '*' --output /dev/null --write-out '%{time_total}' $limit "http://$1/")
  code=$?
  if [ "$code" -eq 0 ]; then outcome=connected; else outcome="exit $code"; fi
  echo "{\"target\":\"$1\",\"outcome\":\"$outcome\",\"ms\":$(echo "$seconds" | awk '{ printf "%d", $1 * 1000 }')}"
  shift 2
done
