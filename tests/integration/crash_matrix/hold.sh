#!/bin/sh
# Stand in front of a tool that chaos-guard calls, and hold it at the moment a cell asks for.
# Installed in /usr/local/sbin under the names of the tools; the real one follows on the PATH.
# Where /run/hold/stalled is, nothing is flushed to a disk; where slow-sudo is, sudo takes its time.
# /run/hold/wanted has: TOOL, before or after, VERB of the guard or any, PHASE, words it begins with.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
tool=${0##*/}
case $tool in
  sudo) [ ! -e /run/hold/slow-sudo ] || sleep 5 ;;
  sync | dd) while [ -e /run/hold/stalled ]; do sleep 0.2; done ;;
esac
# Within another tool of these, or outside the guard, nothing is held.
if [ -n "${HELD_ALREADY:-}" ] || [ ! -e /run/hold/wanted ]; then exec "$tool" "$@"; fi
HELD_ALREADY=yes
export HELD_ALREADY

is_the_moment() { # WHEN
  read -r wanted_tool wanted_when wanted_verb wanted_phase wanted_words 2>/dev/null </run/hold/wanted || return
  [ "$tool $1" = "$wanted_tool $wanted_when" ] || return
  case " $words " in *" $wanted_words"*) ;; *) return 1 ;; esac
  [ "$wanted_verb" != any ] || wanted_verb=''
  case $(tr '\0' ' ' <"/proc/$PPID/cmdline") in *"chaos-guard "*"$wanted_verb"* | *"-- "*"$wanted_verb"* | *xargs*) ;; *) return 1 ;; esac
  # The guard works with the record in memory; the end of a fault stands on disk first.
  for place in /run /var/lib; do
    [ "$(cat $place/chaos-runner/*/journal 2>/dev/null | grep '^phase ' | tail -n 1)" != "phase $wanted_phase" ] || return 0
  done
  return 1
}

hold() {
  mv /run/hold/wanted /run/hold/reached 2>/dev/null || return # the first one to come is held
  while [ -e /run/hold/reached ]; do sleep 0.1; done
}

words=$*
! is_the_moment before || hold
"$tool" "$@"
status=$?
! is_the_moment after || hold
exit $status
