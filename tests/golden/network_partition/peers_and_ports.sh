# shellcheck shell=sh disable=SC2034,SC2043,SC2154
# Drop what this host and its peers send each other, by nftables or by iptables with ipset.
# The drops hang on set elements that time out, so the cut ends even if nothing else runs.

# The packet filter that carries the fault; what was chosen before the fault stays chosen.
backend() {
  if [ -s "$state/baseline" ]; then
    cat "$state/baseline"
  elif [ "$has_nft" = yes ]; then
    echo nft
  else
    echo iptables
  fi
}

validate() {
  [ -z "$path_problem" ] || refuse "$path_problem" "$path_hint"
  [ "$ssh_port" -lt 9092 ] || [ "$ssh_port" -gt 9092 ] || refuse "the ports 9092 cover SSH on $ssh_port" "leave that port out"
  refuse_spared_port 9092 9092
  [ "$ssh_port" -lt 9094 ] || [ "$ssh_port" -gt 9096 ] || refuse "the ports 9094-9096 cover SSH on $ssh_port" "leave that port out"
  refuse_spared_port 9094 9096
  case $(backend) in
    nft)
      [ "$has_nft" = yes ] || refuse "this host has no nft" "install nftables"
      ;;
    *)
      [ "$has_iptables" = yes ] || refuse "this host has neither nft nor iptables" "install nftables"
      [ "$has_ipset" = yes ] || refuse "this host has iptables but no ipset" "install ipset or nftables"
      [ "$(printf %s "$fault" | wc -c)" -le 20 ] || refuse "the fault id $fault is too long for a chain of iptables" "use at most 20 characters"
      ;;
  esac
}

# The tables that iptables makes on nftables, and leaves behind.
fingerprint_extra() {
  if [ "$has_nft" = yes ] && [ "$(backend)" != nft ]; then
    nft list tables | grep -E '^table ip6? filter$' || :
  fi
}

baseline() {
  backend
  answering >"$state/answering"
}

# Print the peers that answer a ping.
answering() {
  for peer in 192.0.2.7 2001:db8::7; do
    { ! timeout 1 ping -n -q -c 1 "$peer" >/dev/null 2>&1 || echo "$peer"; } &
  done
  wait
}

# The path is back when those that answered before answer again.
healed() {
  missing=''
  now=" $(answering | tr '\n' ' ')"
  while read -r peer; do
    case $now in *" $peer "*) ;; *) missing="$missing $peer" ;; esac
  done <"$state/answering"
  echo "pings answered by:$now"
  [ -z "$missing" ] || { echo "no longer by:$missing" && return 1; }
}

apply() {
  if [ "$(backend)" = nft ]; then
    nft -f - <<NFT
  add table inet $table
  delete table inet $table
  table inet $table {
    set peers4 {
      type ipv4_addr
      flags interval, timeout
      auto-merge
    }
    set peers6 {
      type ipv6_addr
      flags interval, timeout
      auto-merge
    }
    chain received {
      type filter hook input priority 300; policy accept;
      iifname "lo" accept
      fib saddr type local accept
      tcp sport $ssh_port accept
      tcp dport $ssh_port accept
      icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
      udp dport { 67, 68, 546, 547 } accept
      ip saddr 169.254.169.254 accept
      ip daddr 224.0.0.0/4 accept
      ip6 daddr ff00::/8 accept
$(spared_by_nft saddr)
      ip saddr @peers4 tcp sport { 9092, 9094-9096 } counter drop
      ip saddr @peers4 tcp dport { 9092, 9094-9096 } counter drop
      ip saddr @peers4 udp sport { 9092, 9094-9096 } counter drop
      ip saddr @peers4 udp dport { 9092, 9094-9096 } counter drop
      ip6 saddr @peers6 tcp sport { 9092, 9094-9096 } counter drop
      ip6 saddr @peers6 tcp dport { 9092, 9094-9096 } counter drop
      ip6 saddr @peers6 udp sport { 9092, 9094-9096 } counter drop
      ip6 saddr @peers6 udp dport { 9092, 9094-9096 } counter drop
    }
    chain sent {
      type filter hook output priority 300; policy accept;
      oifname "lo" accept
      fib daddr type local accept
      tcp sport $ssh_port accept
      tcp dport $ssh_port accept
      icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
      udp dport { 67, 68, 546, 547 } accept
      ip daddr 169.254.169.254 accept
      ip daddr 224.0.0.0/4 accept
      ip6 daddr ff00::/8 accept
$(spared_by_nft daddr)
      ip daddr @peers4 tcp sport { 9092, 9094-9096 } counter drop
      ip daddr @peers4 tcp dport { 9092, 9094-9096 } counter drop
      ip daddr @peers4 udp sport { 9092, 9094-9096 } counter drop
      ip daddr @peers4 udp dport { 9092, 9094-9096 } counter drop
      ip6 daddr @peers6 tcp sport { 9092, 9094-9096 } counter drop
      ip6 daddr @peers6 tcp dport { 9092, 9094-9096 } counter drop
      ip6 daddr @peers6 udp sport { 9092, 9094-9096 } counter drop
      ip6 daddr @peers6 udp dport { 9092, 9094-9096 } counter drop
    }
  }
  add element inet $table peers4 { 192.0.2.7 timeout ${ttl}s, 198.51.100.0/24 timeout ${ttl}s }
  add element inet $table peers6 { 2001:db8::7 timeout ${ttl}s }
NFT
  else
    [ "$has_nft" = no ] || nft list tables >"$state/tables"
    ipset -exist create "${table}4" hash:net family inet timeout "$ttl" || return
    ipset -exist add "${table}4" 192.0.2.7 timeout "$ttl" || return
    ipset -exist add "${table}4" 198.51.100.0/24 timeout "$ttl" || return
    iptables-restore -w 5 -n <<RULES || return
*filter
:CHAOS_I_$fault - [0:0]
-A CHAOS_I_$fault -i lo -j RETURN
-A CHAOS_I_$fault -m addrtype --src-type LOCAL -j RETURN
-A CHAOS_I_$fault -p tcp --sport $ssh_port -j RETURN
-A CHAOS_I_$fault -p tcp --dport $ssh_port -j RETURN
-A CHAOS_I_$fault -p udp --dport 67:68 -j RETURN
-A CHAOS_I_$fault -s 169.254.169.254 -j RETURN
-A CHAOS_I_$fault -d 224.0.0.0/4 -j RETURN
$(spared_by_iptables "CHAOS_I_$fault" 4 -s)
-A CHAOS_I_$fault -p tcp --sport 9092 -m set --match-set ${table}4 src -j DROP
-A CHAOS_I_$fault -p tcp --dport 9092 -m set --match-set ${table}4 src -j DROP
-A CHAOS_I_$fault -p udp --sport 9092 -m set --match-set ${table}4 src -j DROP
-A CHAOS_I_$fault -p udp --dport 9092 -m set --match-set ${table}4 src -j DROP
-A CHAOS_I_$fault -p tcp --sport 9094:9096 -m set --match-set ${table}4 src -j DROP
-A CHAOS_I_$fault -p tcp --dport 9094:9096 -m set --match-set ${table}4 src -j DROP
-A CHAOS_I_$fault -p udp --sport 9094:9096 -m set --match-set ${table}4 src -j DROP
-A CHAOS_I_$fault -p udp --dport 9094:9096 -m set --match-set ${table}4 src -j DROP
-I INPUT 1 -j CHAOS_I_$fault
:CHAOS_O_$fault - [0:0]
-A CHAOS_O_$fault -o lo -j RETURN
-A CHAOS_O_$fault -m addrtype --dst-type LOCAL -j RETURN
-A CHAOS_O_$fault -p tcp --sport $ssh_port -j RETURN
-A CHAOS_O_$fault -p tcp --dport $ssh_port -j RETURN
-A CHAOS_O_$fault -p udp --dport 67:68 -j RETURN
-A CHAOS_O_$fault -d 169.254.169.254 -j RETURN
-A CHAOS_O_$fault -d 224.0.0.0/4 -j RETURN
$(spared_by_iptables "CHAOS_O_$fault" 4 -d)
-A CHAOS_O_$fault -p tcp --sport 9092 -m set --match-set ${table}4 dst -j DROP
-A CHAOS_O_$fault -p tcp --dport 9092 -m set --match-set ${table}4 dst -j DROP
-A CHAOS_O_$fault -p udp --sport 9092 -m set --match-set ${table}4 dst -j DROP
-A CHAOS_O_$fault -p udp --dport 9092 -m set --match-set ${table}4 dst -j DROP
-A CHAOS_O_$fault -p tcp --sport 9094:9096 -m set --match-set ${table}4 dst -j DROP
-A CHAOS_O_$fault -p tcp --dport 9094:9096 -m set --match-set ${table}4 dst -j DROP
-A CHAOS_O_$fault -p udp --sport 9094:9096 -m set --match-set ${table}4 dst -j DROP
-A CHAOS_O_$fault -p udp --dport 9094:9096 -m set --match-set ${table}4 dst -j DROP
-I OUTPUT 1 -j CHAOS_O_$fault
COMMIT
RULES
    ipset -exist create "${table}6" hash:net family inet6 timeout "$ttl" || return
    ipset -exist add "${table}6" 2001:db8::7 timeout "$ttl" || return
    ip6tables-restore -w 5 -n <<RULES || return
*filter
:CHAOS_I_$fault - [0:0]
-A CHAOS_I_$fault -i lo -j RETURN
-A CHAOS_I_$fault -m addrtype --src-type LOCAL -j RETURN
-A CHAOS_I_$fault -p tcp --sport $ssh_port -j RETURN
-A CHAOS_I_$fault -p tcp --dport $ssh_port -j RETURN
-A CHAOS_I_$fault -p icmpv6 --icmpv6-type 133 -j RETURN
-A CHAOS_I_$fault -p icmpv6 --icmpv6-type 134 -j RETURN
-A CHAOS_I_$fault -p icmpv6 --icmpv6-type 135 -j RETURN
-A CHAOS_I_$fault -p icmpv6 --icmpv6-type 136 -j RETURN
-A CHAOS_I_$fault -p udp --dport 546:547 -j RETURN
-A CHAOS_I_$fault -d ff00::/8 -j RETURN
$(spared_by_iptables "CHAOS_I_$fault" 6 -s)
-A CHAOS_I_$fault -p tcp --sport 9092 -m set --match-set ${table}6 src -j DROP
-A CHAOS_I_$fault -p tcp --dport 9092 -m set --match-set ${table}6 src -j DROP
-A CHAOS_I_$fault -p udp --sport 9092 -m set --match-set ${table}6 src -j DROP
-A CHAOS_I_$fault -p udp --dport 9092 -m set --match-set ${table}6 src -j DROP
-A CHAOS_I_$fault -p tcp --sport 9094:9096 -m set --match-set ${table}6 src -j DROP
-A CHAOS_I_$fault -p tcp --dport 9094:9096 -m set --match-set ${table}6 src -j DROP
-A CHAOS_I_$fault -p udp --sport 9094:9096 -m set --match-set ${table}6 src -j DROP
-A CHAOS_I_$fault -p udp --dport 9094:9096 -m set --match-set ${table}6 src -j DROP
-I INPUT 1 -j CHAOS_I_$fault
:CHAOS_O_$fault - [0:0]
-A CHAOS_O_$fault -o lo -j RETURN
-A CHAOS_O_$fault -m addrtype --dst-type LOCAL -j RETURN
-A CHAOS_O_$fault -p tcp --sport $ssh_port -j RETURN
-A CHAOS_O_$fault -p tcp --dport $ssh_port -j RETURN
-A CHAOS_O_$fault -p icmpv6 --icmpv6-type 133 -j RETURN
-A CHAOS_O_$fault -p icmpv6 --icmpv6-type 134 -j RETURN
-A CHAOS_O_$fault -p icmpv6 --icmpv6-type 135 -j RETURN
-A CHAOS_O_$fault -p icmpv6 --icmpv6-type 136 -j RETURN
-A CHAOS_O_$fault -p udp --dport 546:547 -j RETURN
-A CHAOS_O_$fault -d ff00::/8 -j RETURN
$(spared_by_iptables "CHAOS_O_$fault" 6 -d)
-A CHAOS_O_$fault -p tcp --sport 9092 -m set --match-set ${table}6 dst -j DROP
-A CHAOS_O_$fault -p tcp --dport 9092 -m set --match-set ${table}6 dst -j DROP
-A CHAOS_O_$fault -p udp --sport 9092 -m set --match-set ${table}6 dst -j DROP
-A CHAOS_O_$fault -p udp --dport 9092 -m set --match-set ${table}6 dst -j DROP
-A CHAOS_O_$fault -p tcp --sport 9094:9096 -m set --match-set ${table}6 dst -j DROP
-A CHAOS_O_$fault -p tcp --dport 9094:9096 -m set --match-set ${table}6 dst -j DROP
-A CHAOS_O_$fault -p udp --sport 9094:9096 -m set --match-set ${table}6 dst -j DROP
-A CHAOS_O_$fault -p udp --dport 9094:9096 -m set --match-set ${table}6 dst -j DROP
-I OUTPUT 1 -j CHAOS_O_$fault
COMMIT
RULES
  fi
}

renew() {
  if [ "$(backend)" = nft ]; then
    nft -f - <<NFT
  flush set inet $table peers4
  add element inet $table peers4 { 192.0.2.7 timeout ${ttl}s, 198.51.100.0/24 timeout ${ttl}s }
  flush set inet $table peers6
  add element inet $table peers6 { 2001:db8::7 timeout ${ttl}s }
NFT
  else
    ipset -exist add "${table}4" 192.0.2.7 timeout "$ttl" || return
    ipset -exist add "${table}4" 198.51.100.0/24 timeout "$ttl" || return
    ipset -exist add "${table}6" 2001:db8::7 timeout "$ttl" || return
  fi
}

# spared_by_iptables CHAIN 4|6 -s|-d: print the rules for what the way in needs.
spared_by_iptables() {
  printf %s "$spared" | while read -r address protocol port _; do
    case $address,$2 in
      any,*) match='' ;;
      *:*,6 | *.*,4) match="$3 $address " ;;
      *) continue ;;
    esac
    if [ "$port" = any ]; then
      echo "-A $1 $match-p $protocol -j RETURN"
    else
      echo "-A $1 $match-p $protocol --sport $port -j RETURN"
      echo "-A $1 $match-p $protocol --dport $port -j RETURN"
    fi
  done
}

undo() {
  if [ "$(backend)" = nft ]; then
    printf 'add table inet %s\ndelete table inet %s\n' "$table" "$table" | nft -f -
  else
    remove_chain iptables INPUT "CHAOS_I_$fault" || return
    remove_chain iptables OUTPUT "CHAOS_O_$fault" || return
    remove_set "${table}4" || return
    remove_table ip || return
    remove_chain ip6tables INPUT "CHAOS_I_$fault" || return
    remove_chain ip6tables OUTPUT "CHAOS_O_$fault" || return
    remove_set "${table}6" || return
    remove_table ip6 || return
  fi
}

# remove_chain TOOL HOOK CHAIN: take away our jump, then our chain; "not there" is success.
remove_chain() {
  saved=$("$1-save" -t filter) || return
  case $saved in *":$3 "*) ;; *) return 0 ;; esac
  while "$1" -w 5 -C "$2" -j "$3" 2>/dev/null; do
    "$1" -w 5 -D "$2" -j "$3" || return
  done
  "$1" -w 5 -F "$3" && "$1" -w 5 -X "$3"
}

remove_set() {
  sets=$(ipset list -n) || return
  printf '%s\n' "$sets" | grep -qx "$1" || return 0
  ipset destroy "$1"
}

# remove_table FAMILY: iptables made on nftables leaves its empty table behind, where none was.
remove_table() {
  [ -e "$state/tables" ] && ! grep -qx "table $1 filter" "$state/tables" || return 0
  rules=$(nft -s list table "$1" filter 2>/dev/null) || return 0
  printf '%s\n' "$rules" | grep -Evq '^(#.*|table .*|[[:space:]]*(chain .*|type .* policy accept;|})?)$' && return 0
  nft delete table "$1" filter
}

in_place() {
  if [ "$(backend)" = nft ]; then
    nft list set inet "$table" peers4 2>/dev/null | grep -q 'elements ='
  else
    iptables -w 5 -C INPUT -j "CHAOS_I_$fault" 2>/dev/null || return
    ipset list "${table}4" 2>/dev/null | grep -q ' timeout [1-9]'
  fi
}

dropped_packets() {
  if [ "$(backend)" = nft ]; then
    counter_of "$table"
  else
    {
      iptables -w 5 -nvxL "CHAOS_I_$fault"
      iptables -w 5 -nvxL "CHAOS_O_$fault"
      ip6tables -w 5 -nvxL "CHAOS_I_$fault"
      ip6tables -w 5 -nvxL "CHAOS_O_$fault"
    } 2>/dev/null | awk '$3 == "DROP" { packets += $1 } END { print packets + 0 }'
  fi
}

# Send what the fault must stop; whatever runs on this host sends more.
provoke() {
  connect_to "192.0.2.7" 9092 &
  connect_to "192.0.2.7" 9094 &
  connect_to "2001:db8::7" 9092 &
  connect_to "2001:db8::7" 9094 &
  wait
}

effect() {
  for _ in 1 2 3 4 5 6; do
    provoke
    packets=$(dropped_packets)
    if [ "${packets:-0}" -gt 0 ]; then
      echo "dropped packets: $packets"
      return 0
    fi
    sleep 0.2
  done
  echo "no packet was dropped within 3 s"
  return 1
}
