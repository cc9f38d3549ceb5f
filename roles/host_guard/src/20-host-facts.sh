# --- what the host is --------------------------------------------------------------------------

find_ancestors() { # set ancestors: this process, its parent, and so on
  ancestors='' process=$$
  while [ "${process:-0}" -gt 1 ]; do
    ancestors="$ancestors $process" parent=0
    while read -r key value; do
      [ "$key" != PPid: ] || parent=$value
    done 2>/dev/null <"/proc/$process/status"
    process=$parent
  done
}

find_control_path() { # set controller and ssh_port from the SSH session this runs in
  connection=${SSH_CONNECTION:-}
  # sudo drops it: ask the ancestors, the nearest first
  [ -n "$connection" ] || {
    find_ancestors
    set --
    for process in $ancestors; do set -- "$@" "/proc/$process/environ"; done
    having=$(grep -lsz '^SSH_CONNECTION=' "$@" 2>/dev/null)
    # shellcheck disable=SC2086 # names of files; a grep that knows no -z gives none
    [ -z "$having" ] || set -- $having
    for file; do
      [ -n "$connection" ] || connection=$(tr '\0' '\n' 2>/dev/null <"$file" | sed -n 's/^SSH_CONNECTION=//p')
    done
  }
  # shellcheck disable=SC2086 # four words
  set -- $connection
  controller=${1:-}
  controller=${controller%%%*}
  controller=${controller#::ffff:}
  session_address=${3:-}
  ssh_port=${4:-}
}

device_of() { # ROUTE: print its interface
  case $1 in *' dev '*) set -- "${1##* dev }" && echo "${1%% *}" ;; esac
}
device_towards() { device_of "$(ip -o route get "$1" 2>/dev/null)"; } # ADDRESS: print the interface that reaches it

# Not by `root` as an argument: an old tc takes it for nothing, and shows every qdisc.
root_qdisc() { tc qdisc show dev "$1" 2>/dev/null | sed -n 's/^qdisc \([^ ]* [^ ]*\) \(dev [^ ]* \)\{0,1\}root.*/\1/p'; }
root_qdisc_is_default() { # DEVICE: the kernel's own root qdisc has the handle 0:
  case $(root_qdisc "$1") in *' 0:' | '') return 0 ;; *) return 1 ;; esac
}

can_netem() { # without loading a module where the module tree can be asked
  [ -d /sys/module/sch_netem ] && return 0
  read -r release </proc/sys/kernel/osrelease
  if [ -d "/lib/modules/$release" ]; then
    modprobe -n -q sch_netem
  else
    unshare -n tc qdisc add dev lo root handle c4ff: netem delay 0ms
  fi
}

has_netem() { # learned once
  [ -n "${netem:-}" ] || { netem=no && has tc && can_netem >/dev/null 2>&1 && netem=yes; }
  [ "$netem" = yes ]
}

# learn_from COMMAND...: set said and succeed when it answers; a kernel that lacks what it asks for is
# told from one that cannot be asked, which is a problem
learn_from() {
  said=$(look "$@") && return
  case $said in *'@@ problem '*) add_problem "${said##*@@ problem }" ;; esac
  return 1
}

is_lacking() { # COMPLAINT: of a tool whose part of the kernel is not there
  case $1 in
    *'not supported'* | *'Cannot open session to kernel'* | *'does not exist'*) return 0 ;;
    *) return 1 ;;
  esac
}

# learn_firewalls: set has_nft, has_iptables and has_ipset for fault scripts, what stands in the way as
# problems, and for a look that follows at once what they said.
learn_firewalls() {
  has_nft=no has_iptables=no has_ipset=no
  has nft && learn_from nft -s list ruleset && has_nft=yes nft_said=$said
  has iptables-restore && has_iptables=yes
  has ipset && learn_from ipset list -n && has_ipset=yes ipset_said=$said
}

rtt_to() { # ADDRESS: print the best of three round trips in milliseconds, or nothing
  ping -n -q -c 3 -i 0.2 -W 2 "$1" 2>/dev/null | sed -n 's|^r[^=]*= \([0-9.]*\)/.*|\1|p'
}

connect_to() { # ADDRESS PORT: send something there by whatever this host has; the outcome is no matter
  if has bash; then
    timeout 0.5 bash -c ": >/dev/tcp/$1/$2"
  elif has python3; then
    timeout 2 python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 0.5)' "$1" "$2"
  elif has curl; then
    case $1 in *:*) set -- "[$1]" "$2" ;; esac
    timeout 1 curl -s --connect-timeout 0.5 "http://$1:$2/"
  elif has nc; then
    timeout 1 nc -w 1 "$1" "$2" </dev/null
  fi >/dev/null 2>&1
}

connection_to() { # ADDRESS PORT: print what becomes of it: connected, refused or silent; nothing where none can be tried
  local complaint
  if has bash; then
    # shellcheck disable=SC2016 # for bash
    complaint=$(LC_ALL=C timeout 2 bash -c ': >"/dev/tcp/$0/$1"' "$1" "$2" 2>&1) && echo connected && return
    case $complaint in *refused*) echo refused ;; *) echo silent ;; esac
  else
    connect_to "$1" "$2"
  fi
}

call_on() { # ADDRESS: provoke an answer from there, by ping or else by a connection to `discard`
  if has ping; then timeout 0.5 ping -n -c 1 "$1" >/dev/null 2>&1; else connect_to "$1" 9; fi
}

