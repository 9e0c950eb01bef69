#!/bin/sh
# Starts one execution environment: launch.sh managed|os COMMAND [ARGUMENT...]
#
# The caller makes this the leader of a new process group and holds the other end of standard input, and writes
# nothing to it. When that end closes, for whatever reason (SIGKILL of the sandbox included), the watcher below
# kills the whole group. Processes that left the group are found by the log stream name, which is unique to the
# environment and inherited. The leader itself becomes the runtime, so its exit status is what the sandbox sees.
exec 3<&0 0</dev/null
(
  trap '' HUP INT TERM
  unset LD_PRELOAD
  while read -r _ <&3; do :; done
  if [ -d /proc/self ]; then
    PATH=/usr/bin:/bin
    for file in $(grep -lszF -- "AWS_LAMBDA_LOG_STREAM_NAME=$AWS_LAMBDA_LOG_STREAM_NAME" /proc/[0-9]*/environ); do
      pid=${file#/proc/}
      pid=${pid%/environ}
      read -r stat <"/proc/$pid/stat" || continue
      # The fields after the name, which is in brackets: state, parent, process group.
      # shellcheck disable=SC2086
      set -- ${stat##*) }
      [ "$3" = "$$" ] || kill -9 "$pid"
    done
  fi
  kill -9 0
) >/dev/null 2>&1 &

kind=$1
shift
wrapper=$AWS_LAMBDA_EXEC_WRAPPER
if [ "$kind" = managed ] && [ -n "$wrapper" ]; then
  case $wrapper in
    /var/task/*) file=$LAMBDA_TASK_ROOT/${wrapper#/var/task/} ;;
    *) file=$wrapper ;;
  esac
  if [ ! -f "$file" ]; then
    echo "$wrapper: does not exist"
    exit 127
  fi
  if [ ! -x "$file" ]; then
    echo "$wrapper: is not an executable"
    exit 126
  fi
  exec "$file" "$@" 3<&-
fi
exec "$@" 3<&-
