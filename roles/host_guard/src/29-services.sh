# --- what systemd knows ---------------------------------------------------------------------------
# Everything here fails where systemd does not answer, as while it is executed anew: an answer that
# is missing must never be taken for "inactive". Names go one a line and as arguments of their own,
# since a shell that splits words anew takes the backslashes out of a\x2db.service.

# Turn the lists of names that systemctl prints into one name a line. For people it puts a name with
# a backslash into quotes and doubles that; before version 246 it wrote \x5c instead.
one_a_line() {
  tr ' ' '\n' | sed -e '/^"/ {' -e 's/^"//' -e 's/"$//' -e 's/\\\(.\)/\1/g' -e b -e '}' \
    -e 's/\\x5c/\\/g' -e '/^$/d'
}

# Print what the units on stdin name in these properties: -p PROPERTY...
named_in() {
  properties=$*
  set --
  while read -r name; do set -- "$@" "$name"; done
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2086 # words of ours
  shown=$(systemctl show $properties -- "$@") || return
  say "$shown" | sed 's/^[A-Za-z]*=//' | one_a_line
}

# Print these properties of each unit on stdin, one line for a unit, with | between them; ? is one that
# systemd does not know.
properties() { # PROPERTY...
  local asked name shown
  asked=$(printf ' -p %s' "$@")
  set --
  while read -r name; do [ -z "$name" ] || set -- "$@" "$name"; done
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2086 # words of ours
  shown=$(systemctl show $asked -- "$@") || return
  printf '%s\n\n' "$shown" | awk -v asked="$asked" '
    BEGIN { gsub(/ -p/, "", asked); many = split(asked, property, " ") }
    $0 == "" {
      for (i = 1; i <= many && any; i++) printf "%s%s", (property[i] in is ? is[property[i]] : "?"), (i < many ? "|" : "\n")
      any = split("", is)
      next
    }
    { any = 1; key = $0; sub(/=.*/, "", key); is[key] = substr($0, length(key) + 2) }'
}

# Print the units on stdin, and all that follow from them by these properties: -p PROPERTY...
with_what_follows() {
  known=$(cat)
  fresh=$known
  while [ -n "$fresh" ]; do
    next=$(say "$fresh" | named_in "$@") || return
    fresh=$(say "$next" | grep -vxF -e "$known" | sort -u)
    known=$(printf '%s\n%s' "$known" "$fresh")
  done
  printf '%s\n' "$known"
}

with_what_stops_along() { # [-p PROPERTY]...: follow these as well
  with_what_follows "$@" -p RequiredBy -p RequisiteOf -p BoundBy -p ConsistsOf -p PropagatesStopTo
}

unit_named() { say "$1" | named_in -p Id; } # UNIT: print what systemd calls it itself

# Print what systemd starts because the units on stdin ended.
started_by_the_end_of() { named_in -p OnSuccess -p OnFailure; }

# Print "JOB UNIT TYPE STATE" of everything that systemd is about to do.
queued() { systemctl list-jobs --plain --no-legend --full; }

# Print "UNIT ACTIVE SUB" of every unit that is up and is not being stopped. Devices, sessions and
# slices come and go by themselves.
up() {
  { jobs=$(queued) && listed=$(systemctl list-units --plain --no-legend --full); } || return
  printf '%s\n=\n%s\n' "$jobs" "$listed" | awk '
    $0 == "=" { past_jobs = 1; next }
    !past_jobs { if ($3 == "stop") stopping[$2]; next }
    $3 ~ /^(active|activating|reloading|refreshing|deactivating)$/ && !($1 in stopping) &&
      $1 !~ /\.(device|scope|slice)$/ { print $1, $3, $4 }'
}

# --- what carries the session ---------------------------------------------------------------------

# Daemons by which a host is reached, logged in to or kept in its network: how the names of their
# units and of their processes begin, whole words.
daemons='sshd|openssh|dropbear|tinyssh|sslh|autossh|sshuttle|stunnel4?'
daemons="$daemons|network-?manager|networkd-dispatcher|nm-(cloud-setup|dispatcher|priv-helper)|connmand?|iwd|wpa_supplicant"
daemons="$daemons|wicked(d.*)?|ifplugd|dhclient|dhcpcd|udhcpc|pppd?|modemmanager|teamd|openvswitch|ovs|ovsdb"
daemons="$daemons|frr|zebra|quagga|watchfrr|bgpd|ospf6?d|exabgp|gobgpd|keepalived|ucarp"
daemons="$daemons|wg-quick|wireguard|boringtun|openvpn|strongswan|charon|ipsec|libreswan|pluto|racoon|iked|xl2tpd|l2tpd|pptpd?"
daemons="$daemons|openconnect|vpnc|vpnagentd|ocserv|tincd?|zerotier|netbird|netclient|innernet|tailscaled?|warp-svc|n2n|softether"
daemons="$daemons|vpn(server|client|bridge)|(open)?fortivpn|forticlient|globalprotect|pangp[ds]|twingate|yggdrasil"
daemons="$daemons|cloudflared|ngrok|frpc|inlets|rathole|pagekite|amazon-ssm-age.*|ssm-(agent|session).*|teleport"
daemons="$daemons|sftd|pomerium|meshagent|google[-_](guest|osconfig).*|walinuxagent|waagent|azcmagent|himdsd?"
daemons="$daemons|cloud-(init|config|final)|qemu-ga|qemu-guest-agent|vmtoolsd|open-vm-tools"
daemons="$daemons|sssd.*|nslcd|(samba-)?winbindd?|nscd|unscd|ypbind|oddjobd?|realmd|himmelblaud|vasd|adclient|centrifydc|lwsmd|autofs|automount"
# Units that are so by their name alone; the second lot is no beginning of other names.
units_of_the_path="$daemons|ssh|systemd|dbus|elogind|netplan|netctl|ifup|chaos|firewalld|nftables|ip6?tables|ebtables"
units_of_the_path="$units_of_the_path|netfilter-persistent|ufw|shorewall6?|firehol|csf|lfd"
whole_names='network|networking|user|user-runtime-dir|polkitd?|wg|bird6?|nebula|boundary|chisel|authd|ferm'
# What resolves names, where this host asks itself.
resolvers='unbound|dnsmasq|named|bind9|pdns-recursor|coredns|stubby|dnscrypt-proxy|knot-resolver|kresd'
# What runs containers, where the session comes out of one.
engines='docker|containerd|podman|cri-?o|k3s|rke2|kubelet|lx[cd]|incus|microk8s'
comes_by_a_container() { # on stdin: the control groups of those that carry the session
  case $(device_towards "$controller") in docker* | podman* | cni* | lx[cd]br* | br-????????????) return 0 ;; esac
  grep -qE 'docker|libpod|containerd|crio|kubepods|lxc'
}
asks_itself() { grep -qE '^nameserver[[:space:]]+(127\.|::1)' /etc/resolv.conf 2>/dev/null; }

# Print the control groups that the processes on stdin run in.
groups_of_processes() {
  set --
  while read -r process; do set -- "$@" "/proc/$process/cgroup"; done
  [ $# = 0 ] || cat "$@" 2>/dev/null
}

# Print the units that the processes on stdin run in.
units_of_processes() { groups_of_processes | units_in_groups; }
units_in_groups() {
  tr '/' '\n' | sed -n '/\.[a-z]*$/ s/^_//p; /\.\(service\|scope\)$/p' | sort -u
}

# Print the processes at either end of the session's connection that are on this host, and those
# that wait for the next one.
ends_of_the_connection() {
  has ss || return 0
  {
    ss -Htnp state established "( sport = :$ssh_port or dport = :$ssh_port )" |
      awk -v address="$controller" -v port="$ssh_port" '
        { gsub(/\[|\]|::ffff:/, "") }
        $4 ~ ("^" address "(%[^:]*)?:[0-9]+$") && $3 ~ (":" port "$") { print }
        $3 ~ ("^" address "(%[^:]*)?:[0-9]+$") && $4 ~ (":" port "$") { print }'
    ss -Htlnp "( sport = :$ssh_port )"
    ! asks_itself || ss -Hlnup '( sport = :53 )'
  } 2>/dev/null | grep -o 'pid=[0-9]*' | sed 's/pid=//'
}

processes_called() { # PATTERN
  grep -liE "^($1)([-_.:0-9].*)?\$" /proc/[0-9]*/comm 2>/dev/null | sed 's|^/proc/||; s|/comm$||'
}

# Print the processes that hold a tunnel open.
tunnel_ends() {
  for link in /sys/class/net/*/tun_flags; do [ ! -e "$link" ] || break; done
  [ -e "$link" ] || return 0
  find /proc/[0-9]*/fd -lname /dev/net/tun 2>/dev/null | sed 's|^/proc/||; s|/.*||' | sort -u
}

# Print those of the units on stdin through which this host is reached, as far as it can be seen.
session_carriers() {
  candidates=$(cat)
  carriers=$({
    find_ancestors
    say "$ancestors" | tr ' ' '\n'
    ends_of_the_connection
    { processes_called "$daemons"; tunnel_ends; } | in_this_network
  } | groups_of_processes)
  words=$units_of_the_path
  ! say "$carriers" | comes_by_a_container || words="$words|$engines"
  carriers=$(say "$carriers" | units_in_groups)
  ! asks_itself || words="$words|$resolvers"
  {
    [ -z "$carriers" ] || say "$candidates" | grep -xF -e "$carriers"
    say "$candidates" | grep -viE '[-_]exporter' |
      grep -iE "^(snap\.)?(($words)([-@._:0-9].*)?|($whole_names)(@.*)?)\\.[a-z]+\$"
    say "$candidates" | grep -E '\.(target|slice|scope|mount|swap|device)$'
  } | sort -u
}

# refuse_control_path WHAT UNIT...: refuse to do that to units by any of whose names, or by themselves,
# this host is reached
refuse_control_path() {
  local what="$1" names carrier
  shift
  names=$(printf '%s\n' "$@" | named_in -p Id -p Names) || refuse "systemd does not answer" "try again"
  carrier=$(printf '%s\n' "$@" "$names" | session_carriers | head -n 1)
  [ -z "$carrier" ] || refuse "$what $carrier" "without it this host might not be reached, or not be put back"
}

# refuse_unless_active UNIT WHY: refuse a unit that is not there, or not active
refuse_unless_active() {
  local is
  has_systemd || refuse "this host has no systemd" "choose another host"
  case $(systemctl show --value -p LoadState -- "$1") in
    loaded) ;;
    masked) refuse "$1 is masked: once stopped it could not be started again" "systemctl unmask it first" ;;
    *) refuse "this host has no unit $1" "systemctl list-units --type=service shows those it has" ;;
  esac
  is=$(systemctl is-active -- "$1")
  [ "$is" = active ] || refuse "$1 is $is already, so $2 would show nothing" "start it first"
}
