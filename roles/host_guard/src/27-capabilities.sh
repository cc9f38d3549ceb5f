# --- what this host has ---------------------------------------------------------------------------
# Made by scripts/generate from chaos_runner/faults/capabilities.py; do not edit.

has_iptables_with_ipset() { [ "$has_iptables$has_ipset" = yesyes ]; }
has_packet_filter() { [ "$has_nft" = yes ] || has_iptables_with_ipset; }
has_own_clock() { # no container, and CAP_SYS_TIME, which is bit 25
  local key value
  ! { has systemd-detect-virt && systemd-detect-virt --quiet --container; } || return
  while read -r key value; do
    [ "$key" != CapEff: ] || return $((1 - ((0x$value >> 25) & 1)))
  done </proc/self/status
  return 1
}
has_ifb() { # without loading a module where the module tree can be asked
  local release minor
  read -r release </proc/sys/kernel/osrelease
  minor=${release#*.}
  has_netem || return
  [ $((${release%%.*} * 1000 + ${minor%%[!0-9]*})) -ge 5006 ] || return
  if [ -d /sys/module/ifb ]; then :
  elif [ -d "/lib/modules/$release" ]; then modprobe -n -q ifb
  else unshare -n ip link add chaosifb type ifb
  fi
}
has_disk_limits() {
  local all=''
  read -r all </sys/fs/cgroup/cgroup.controllers
  case " $all " in
    *' io '*) ;;
    *) [ -w /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device ] ;;
  esac
}

put_capabilities() { # put capabilities: name to whether it is there; after learn_firewalls
  list=''
  offer tc has tc
  offer netem has_netem
  offer ifb has_ifb
  offer nft test $has_nft = yes
  offer iptables has_iptables_with_ipset
  offer packet_filter has_packet_filter
  offer systemd has_systemd
  offer collected_units systemd-run --collect --version
  offer own_clock has_own_clock
  offer python has python3
  offer prlimit has prlimit
  offer fsfreeze has fsfreeze
  offer disk_limits has_disk_limits
  put_raw capabilities "{${list#,}}"
}

offer() { # NAME COMMAND...: to list
  name=$1 there=false
  shift
  ! "$@" >/dev/null 2>&1 || there=true
  list="$list,\"$name\":$there"
}

