#!/bin/sh
# Starts one execution environment: launch.sh managed|os|image MOUNT TABLE LEAVE [NAME=VALUE...] -- COMMAND [ARGUMENT...]
#
# The caller makes this the leader of a new process group and holds the other end of standard input, and writes
# nothing to it. When that end closes, for whatever reason (SIGKILL of the sandbox included), the watcher below
# kills the whole group. Processes that left the group are found by the log stream name, which is unique to the
# environment and inherited. The leader itself becomes the runtime, so its exit status is what the sandbox sees.
exec 3<&0 0</dev/null
(
  trap '' HUP INT TERM
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
mount=$2
table=$3
leave=$4
shift 4
# TABLE is made with MOUNT, in a namespace of our own: what is mounted is gone with the last process of it.
if [ -n "$table" ]; then
  "$mount" --no-mtab --all --fstab "$table" || exit 125
  # An image has a root of its own, which COMMAND goes to.
  [ "$kind" = image ] || cd /var/task || exit 125
  unset OLDPWD
fi
# Not before: they may name files that have just been mounted.
while [ "$1" != -- ]; do
  # shellcheck disable=SC2163
  export "$1"
  shift
done
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
  set -- "$file" "$@"
fi
# LEAVE gives the command back the user that the namespace took: several words, or none.
# shellcheck disable=SC2086
exec $leave "$@" 3<&-
