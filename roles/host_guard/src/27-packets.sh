# --- packet filters and queues for network faults -------------------------------------------------
# Every match hangs on a set whose elements time out after $ttl seconds: the kernel ends the fault,
# whatever runs. What the way in needs is exempted before anything matches, in IPv4 and in IPv6.

nft_family=inet # of the tables that are printed: netdev for what comes in, by a script that sets it for a while

of_family() { # 4|6 ADDRESS...: print those of that family, one a line
  local family="$1" address
  shift
  for address; do
    case $family,$address in 6,*:* | 4,*.*) echo "$address" ;; esac
  done
}

set_elements() { # SET ADDRESS...: print what fills the sets SET4 and SET6 of nft for $ttl seconds
  local name="$1" address four='' six=''
  shift
  for address; do
    case $address in
      *:*) six="$six${six:+, }$address timeout ${ttl}s" ;;
      *.*) four="$four${four:+, }$address timeout ${ttl}s" ;;
    esac
  done
  [ -z "$four" ] || echo "  add element $nft_family $table ${name}4 { $four }"
  [ -z "$six" ] || echo "  add element $nft_family $table ${name}6 { $six }"
}

table_with_sets() { # SET ADDRESS...: print, for nft, the fault's table anew, with the sets SET4 and SET6 filled
  echo "  add table $nft_family $table"
  echo "  delete table $nft_family $table"
  echo "  table $nft_family $table {"
  for family in 4 6; do
    printf '    set %s {\n      type %s\n      flags interval, timeout\n      auto-merge\n    }\n' \
      "$1$family" "ipv${family}_addr"
  done
  echo "  }"
  set_elements "$@"
}

renew_sets() { # SET ADDRESS...: fill them anew, in one transaction and without a gap
  { printf "  flush set $nft_family $table %s\n" "${1}4" "${1}6"; set_elements "$@"; } | nft -f -
}

tables_of_fault() { # print what nft lists of them, or has listed for this look
  [ -z "${listed+yes}" ] || { say "$listed" && return; }
  nft list table inet "$table"
  [ ! -e /proc/sys/net/ipv4/conf/chaosifb ] || nft list table netdev "$table"
} 2>/dev/null

set_is_filled() { # SET: whether an element has not timed out yet
  tables_of_fault | awk -v name="$1" '
    $1 == "set" { ours = $2 == name 4 || $2 == name 6 }
    ours && $1 == "elements" { found = 1 }
    END { exit !found }'
}

rules_now() { # print the rules that carry the fault; by iptables also those of others that stand before them
  local type tool hook chain rules=''
  [ "$has_nft" != yes ] || rules=$(tables_of_fault |
    awk '$1 == "set" { skip = 1 } !skip { gsub(/ packets [0-9]+ bytes [0-9]+/, ""); print } $1 == "}" { skip = 0 }')
  [ -z "$rules" ] || { say "$rules" && return; }
  registered | while read -r type tool hook chain; do
    [ "$type" = chain ] || continue
    "$tool" -w 5 -S "$chain" 2>&1
    "$tool" -w 5 -S "$hook" 2>&1 | awk -v chain="$chain" '/ -j CHAOS_/ { if ($NF != chain) next; print; exit } /^-A/'
  done
}

rules_are_whole() { [ ! -s "$state/rules" ] || rules_now | cmp -s - "$state/rules"; }

# matches SET saddr|daddr PORTS VERDICT: print rules of nft for packets from or to the set; no ports are all.
# The verdict reset is one for TCP, and drops the rest. What answers rejected packets passes.
matches() {
  local end family protocol verdict="$4" list=''
  for end in $3; do list="$list${list:+, }$end"; done
  case $2,$4 in
    daddr,reject) printf '      %s type destination-unreachable accept\n' icmp icmpv6 ;;
    daddr,reset) echo "      tcp flags & rst == rst accept" ;;
  esac
  for family in "ip $2 @${1}4" "ip6 $2 @${1}6"; do
    if [ -z "$3" ]; then
      [ "$4" != reset ] || echo "      $family meta l4proto tcp counter reject with tcp reset"
      [ "$4" != reset ] || verdict=drop
      echo "      $family counter $verdict"
    else
      for protocol in tcp udp; do
        case $4,$protocol in
          reset,tcp) verdict='reject with tcp reset' ;;
          reset,*) verdict=drop ;;
        esac
        for end in sport dport; do
          echo "      $family $protocol $end { $list } counter $verdict"
        done
      done
    fi
  done
}

exempted() { # saddr|daddr [ADDRESS]...: print rules of nft for what stays out of every fault
  local end="$1" interface=iifname address
  [ "$end" = saddr ] || interface=oifname
  shift
  cat <<RULES
      $interface "lo" accept
      fib $end type local accept
      tcp sport $ssh_port accept
      tcp dport $ssh_port accept
      icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
      udp dport { 67, 68, 546, 547 } accept
      ip $end 169.254.169.254 accept
      ip daddr 224.0.0.0/4 accept
      ip6 daddr ff00::/8 accept
RULES
  for address; do
    case $address in *:*) echo "      ip6 $end $address accept" ;; *) echo "      ip $end $address accept" ;; esac
  done
  printf %s "$spared" | while read -r address protocol port why; do
    echo "      # accept $why: protocol $protocol, port $port, address $address"
    match=''
    case $address in any) ;; *:*) match="ip6 $end $address " ;; *) match="ip $end $address " ;; esac
    if [ "$port" = any ]; then
      echo "      ${match}meta l4proto $protocol accept"
    else
      echo "      ${match}$protocol sport $port accept"
      echo "      ${match}$protocol dport $port accept"
    fi
  done
}

nft_table_is_left() { nft list table inet "$1" >/dev/null 2>&1; }
nft_table_take_away() { # NAME: the table of what comes in as well
  {
    printf 'add table inet %s\ndelete table inet %s\n' "$1" "$1"
    nft list tables netdev 2>/dev/null | sed -n "s/^table netdev $1\$/delete &/p"
  } | nft -f -
}

counted() { # print the packets that the counters of the fault's tables have counted
  tables_of_fault |
    awk '{ for (i = 1; i < NF; i++) if ($i == "packets") sum += $(i + 1) } END { print sum + 0 }'
}

# --- the same by iptables and ipset ---------------------------------------------------------------

sets_of_ipset() { # ADDRESS...: print, for ipset -exist restore, what makes and fills ${table}4 and ${table}6 for $ttl seconds
  local family type=inet member
  for family in 4 6; do
    [ "$family" = 4 ] || type=inet6
    [ -z "$(of_family "$family" "$@")" ] ||
      echo "create $table$family hash:net family $type timeout $ttl"
  done
  for member; do
    case $member in # a set of ipset knows no prefix of no length
      0.0.0.0/0) printf "add ${table}4 %s timeout $ttl\n" 0.0.0.0/1 128.0.0.0/1 ;;
      ::/0) printf "add ${table}6 %s timeout $ttl\n" ::/1 8000::/1 ;;
      *:*) echo "add ${table}6 $member timeout $ttl" ;;
      *) echo "add ${table}4 $member timeout $ttl" ;;
    esac
  done
}

ipset_is_filled() { # 4|6
  ipset list "$table$1" 2>/dev/null | sed '1,/^Members:/d' | grep -q .
}

chain_of() { echo "CHAOS_${1%"${1#?}"}_$fault"; } # HOOK: print the name of the fault's chain there

iptables_of() { if [ "$1" = 4 ]; then echo iptables; else echo ip6tables; fi; } # 4|6

# chain_rules 4|6 INPUT|OUTPUT PORTS TARGET [SPARED]...: print, for iptables-restore -n, the fault's chain, which
# sends what comes from, or goes to, the set of that family to the target; no ports are all
chain_rules() {
  local family="$1" hook="$2" ports="$3" target="$4" chain
  shift 4
  chain=$(chain_of "$hook")
  printf '%s\n' '*filter' ":$chain - [0:0]"
  exempted_by_iptables "$family" "$hook" "$@" | sed "s/.*/-A $chain & -j RETURN/"
  matches_by_iptables "$family" "$hook" "$ports" "$target" | sed "s/.*/-A $chain &/"
  printf '%s\n' "-I $hook 1 -j $chain" COMMIT
}

# made_by_iptables 4|6 HOOK...: register the set, the chains, and the table that iptables makes on nftables,
# and leaves behind, where none was
made_by_iptables() {
  local family="$1" hook name=ip
  shift
  [ "$family" = 4 ] || name=ip6
  [ "$has_nft" != yes ] || nft list tables | grep -qx "table $name filter" || made iptables_table "$name" || return
  made ipset "$table$family" || return
  for hook; do made chain "$(iptables_of "$family") $hook $(chain_of "$hook")" || return; done
}

exempted_by_iptables() { # 4|6 HOOK [ADDRESS...]: print the matches of what stays out of every fault
  local family="$1" interface=-i end=src flag=-s address protocol port match
  [ "$2" = INPUT ] || interface=-o end=dst flag=-d
  shift 2
  printf '%s\n' "$interface lo" "-m addrtype --$end-type LOCAL" "-p tcp --sport $ssh_port" "-p tcp --dport $ssh_port"
  if [ "$family" = 6 ]; then
    for type in 133 134 135 136; do echo "-p icmpv6 --icmpv6-type $type"; done
    printf '%s\n' '-p udp --dport 546:547' '-d ff00::/8'
  else
    printf '%s\n' '-p udp --dport 67:68' "$flag 169.254.169.254" '-d 224.0.0.0/4'
  fi
  of_family "$family" "$@" | sed "s/^/$flag /"
  printf %s "$spared" | while read -r address protocol port _; do
    case $address,$family in
      any,*) match='' ;;
      *:*,6 | *.*,4) match="$flag $address " ;;
      *) continue ;;
    esac
    if [ "$port" = any ]; then
      echo "$match-p $protocol"
    else
      printf '%s\n' "$match-p $protocol --sport $port" "$match-p $protocol --dport $port"
    fi
  done
}

matches_by_iptables() { # 4|6 HOOK PORTS TARGET: print matches with their targets
  local in_set port protocol target="$4"
  case $1,$2,$4 in # what answers rejected packets passes
    4,OUTPUT,REJECT) echo "-p icmp --icmp-type destination-unreachable -j RETURN" ;;
    6,OUTPUT,REJECT) echo "-p icmpv6 --icmpv6-type destination-unreachable -j RETURN" ;;
    ?,OUTPUT,RESET) echo "-p tcp --tcp-flags RST RST -j RETURN" ;;
  esac
  case $2 in INPUT) in_set="-m set --match-set $table$1 src" ;; *) in_set="-m set --match-set $table$1 dst" ;; esac
  if [ -z "$3" ]; then
    [ "$4" != RESET ] || echo "-p tcp $in_set -j REJECT --reject-with tcp-reset"
    [ "$4" != RESET ] || target=DROP
    echo "$in_set -j $target"
  fi
  for port in $(say "$3" | tr - :); do
    for protocol in tcp udp; do
      case $4,$protocol in
        RESET,tcp) target='REJECT --reject-with tcp-reset' ;;
        RESET,*) target=DROP ;;
      esac
      printf '%s\n' "-p $protocol --sport $port $in_set -j $target" "-p $protocol --dport $port $in_set -j $target"
    done
  done
}

chain_packets() { # FAMILIES HOOKS: lists of words; print the packets that the fault's chains have dropped or rejected
  local family hook
  for family in $1; do
    for hook in $2; do "$(iptables_of "$family")" -w 5 -nvxL "$(chain_of "$hook")" 2>/dev/null; done
  done | awk '$3 ~ /^(DROP|REJECT)$/ { packets += $1 } END { print packets + 0 }'
}

chain_is_left() { # TOOL HOOK CHAIN: whether the hook leads there
  # shellcheck disable=SC2086 # words
  set -- $1
  "$1" -w 5 -C "$2" -j "$3" 2>/dev/null
}

chain_take_away() { # TOOL HOOK CHAIN: our jump first, then our chain
  local saved
  # shellcheck disable=SC2086 # words
  set -- $1
  saved=$("$1-save" -t filter) || return
  case $saved in *":$3 "*) ;; *) return 0 ;; esac
  while "$1" -w 5 -C "$2" -j "$3" 2>/dev/null; do
    "$1" -w 5 -D "$2" -j "$3" || return
  done
  "$1" -w 5 -F "$3" && "$1" -w 5 -X "$3"
}

ipset_is_left() { ipset list -n | grep -qx "$1"; }
ipset_take_away() {
  local sets
  sets=$(ipset list -n) || return
  case "$NEWLINE$sets$NEWLINE" in *"$NEWLINE$1$NEWLINE"*) ipset destroy "$1" ;; esac
}

iptables_table_is_left() { # ip|ip6: with nothing of others in it
  local rules
  rules=$(nft -s list table "$1" filter 2>/dev/null) || return
  ! printf '%s\n' "$rules" | grep -Evq '^(#.*|table .*|[[:space:]]*(chain (INPUT|FORWARD|OUTPUT) .*|type .* policy accept;|})?)$'
}
iptables_table_take_away() { ! iptables_table_is_left "$1" || nft delete table "$1" filter; }

# --- what comes in goes through a link of its own, which has the queue ------------------------------

link_is_left() { ip link show dev "$1" >/dev/null 2>&1; }
link_take_away() { ! link_is_left "$1" || ip link del dev "$1"; } # NAME: chaosifb

# --- queues: packets that nft gives the class c4a0:4 go through a qdisc of their own, c4a4: ----------

qdisc_is_left() { # DEVICE
  case $(tc qdisc show dev "$1" 2>/dev/null) in *"qdisc prio c4a0: "*) return 0 ;; *) return 1 ;; esac
}

qdisc_take_away() { # DEVICE: by handle and kind, so that no other can be meant
  local qdiscs
  ip link show dev "$1" >/dev/null 2>&1 || return 0
  qdiscs=$(tc qdisc show dev "$1") || return
  case $qdiscs in *"qdisc prio c4a0: "*) tc qdisc del dev "$1" root handle c4a0: prio ;; esac
}

refuse_unless_queue() { # QDISC DEVICE...: refuse what cannot have it
  local queue="$1" device
  shift
  has tc || refuse "tc is missing on this host" "install iproute (Debian, Ubuntu, SUSE: iproute2; RHEL, Alma, Rocky, Fedora: iproute-tc)"
  [ "$queue" != netem ] || has_netem ||
    refuse "the kernel of this host has no sch_netem" "install the package with its extra modules, such as kernel-modules-extra"
  for device; do
    [ "$device" != lo ] || refuse "loopback stays out of every fault" "name another interface"
    ip link show dev "$device" >/dev/null 2>&1 || refuse "this host has no interface $device" "name one that 'ip link' shows"
    root_qdisc_is_default "$device" ||
      refuse "the root qdisc of $device is not the kernel's own" "it could not be put back; use another interface"
  done
}

# links_towards ADDRESS|RANGE...: print the interfaces that reach them, but for loopback: by every route to the same
# place, from each address of this host, and as users that rules name
# shellcheck disable=SC2086 # words
links_towards() {
  local peer address from own links users
  users=$(ip rule show 2>/dev/null | sed -n 's/.*uidrange \([0-9]*\)-.*/\1/p')
  own=$(ip -o address show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }')
  links=$(for peer; do
    address=${peer%/*}
    printf 'route get %s\n' "$address" "fibmatch $address"
    case $peer in *:*) from=$(of_family 6 $own) ;; *) from=$(of_family 4 $own) ;; esac
    for from in $from; do printf 'route get %s from %s\n' "$address" "$from" "fibmatch $address" "$from"; done
    for from in $users; do printf 'route get fibmatch %s uid %s\n' "$address" "$from"; done
    case $peer in
      *:*/*) echo "-6 route show root $peer" ;;
      */*) echo "-4 route show root $peer" ;;
    esac
  done | ip -o -force -batch - 2>/dev/null | awk '!/^local/ { for (i = 1; i < NF; i++) if ($i == "dev") print $(i + 1) }')
  # That of busybox takes one question at a time.
  [ -n "$links" ] || links=$(for peer; do device_towards "${peer%/*}"; done)
  say "$links" | sort -u | sed '/^lo$/d'
}

# --- what a network fault must not be about ---------------------------------------------------------

refuse_network_scope() { # PEERS PORTS SPARED: lists of words; refuse a fault that would close the way in
  local port
  # shellcheck disable=SC2086 # words
  [ -n "$2" ] || refuse_name_server $1
  [ -n "$3" ] || [ -z "$path_problem" ] || refuse "$path_problem" "$path_hint"
  for port in $2; do
    [ "$ssh_port" -lt "${port%-*}" ] || [ "$ssh_port" -gt "${port#*-}" ] ||
      refuse "the ports $port cover SSH on $ssh_port" "leave that port out"
    refuse_spared_port "${port%-*}" "${port#*-}"
  done
}

refuse_name_server() { # ADDRESS...: without ports, a cut from one would spare just what it is asked
  local peer
  for peer; do
    case "$NEWLINE$spared" in *"$NEWLINE$peer udp 53 "*)
      refuse "the peer $peer is a name server of this host, which the way in needs" "name the ports that are meant, or leave it out" ;;
    esac
  done
}

refuse_spared_port() { # LOW HIGH: a fault on what the way in needs is none
  local address protocol port why
  # shellcheck disable=SC2034 # the address is not looked at
  while read -r address protocol port why; do
    case $protocol in tcp | udp) ;; *) continue ;; esac
    [ "$port" -lt "$1" ] || [ "$port" -gt "$2" ] ||
      refuse "the ports $1-$2 cover $protocol port $port, which the way in needs ($why)" "leave that port out"
  done <<SPARED
$spared
SPARED
}

# --- seeing the effect ----------------------------------------------------------------------------

# see_effect TRIES LOOK [WORD]...: provoke what the fault is about and look, until the look succeeds or
# was tried that often; print what the last look printed. Most effects show long before whatever
# provokes them has given up, and nobody waits for that then.
see_effect() {
  local tries="$1" seen
  shift
  while :; do
    tries=$((tries - 1))
    provoke >/dev/null 2>&1 8>&- 9>&- &
    sleep 0.05
    if seen=$("$@"); then say "$seen" && return; fi
    if is_running $! && wait && seen=$("$@"); then say "$seen" && return; fi
    [ "$tries" -gt 0 ] || break
    sleep 0.3
  done
  say "$seen"
  return 1
}

packets_counted() { # PACKETS WORD [WHERE]: print that as a reading, and succeed if there are any
  echo "packets_$2 ${1:-0} count${3:+ $3}"
  [ "${1:-0}" -gt 0 ]
}

provoke_at() { # PORTS ADDRESS...: send something to each, to the first two ports or by ping, and wait for no answer
  local ports="$1" address port
  shift
  for address; do
    # shellcheck disable=SC2086 # words
    set -- $ports
    [ $# -gt 0 ] || call_on "$address" &
    for port in "${1:-}" "${2:-}"; do
      [ -z "$port" ] || connect_to "$address" "${port%-*}" &
    done
  done
  wait
}
