# shellcheck shell=sh disable=SC2034,SC2043,SC2154
# Delay what this host sends: packets that nftables marks go through a netem band of a prio qdisc.
# The marks hang on set elements that time out, so the delay ends even if nothing else runs.

# The interfaces that get the delay, one a line; what was chosen before the fault stays chosen.
delayed_links() {
  if [ -s "$state/links" ]; then
    cat "$state/links"
    return
  fi
  echo "$device"
}

validate() {
  [ -z "$path_problem" ] || refuse "$path_problem" "$path_hint"
  has tc || refuse "tc is missing on this host" "install iproute (Debian, Ubuntu, SUSE: iproute2; RHEL, Alma, Rocky, Fedora: iproute-tc)"
  [ "$has_netem" = yes ] || refuse "the kernel of this host has no sch_netem" "install the package with its extra modules, such as kernel-modules-extra"
  [ "$has_nft" = yes ] || refuse "this host has no nft" "install nftables"
  delayed_links >"$state/links"
  [ -s "$state/links" ] || refuse "no route of this host leads to 0.0.0.0/0 ::/0" "name peers that it reaches, or the interface"
  while read -r link; do
    [ "$link" != lo ] || refuse "loopback stays out of every fault" "name another interface"
    ip link show dev "$link" >/dev/null 2>&1 || refuse "this host has no interface $link" "name one that 'ip link' shows"
    root_qdisc_is_default "$link" || refuse "the root qdisc of $link is not the kernel's own" "it could not be put back; use another interface"
  done <"$state/links"
  [ "$ssh_port" -lt 9092 ] || [ "$ssh_port" -gt 9092 ] || refuse "the ports 9092 cover SSH on $ssh_port" "leave that port out"
  refuse_spared_port 9092 9092
  [ "$ssh_port" -lt 9094 ] || [ "$ssh_port" -gt 9096 ] || refuse "the ports 9094-9096 cover SSH on $ssh_port" "leave that port out"
  refuse_spared_port 9094 9096
}

fingerprint_extra() {
  for link in $(delayed_links); do
    ! ip link show dev "$link" >/dev/null 2>&1 ||
      tc qdisc show dev "$link" | sed "s/ refcnt [0-9]*//; s/^/$link /" | sort
  done
}

# Print the stations beyond the delayed interfaces at which the delay can be seen, the best first.
stations() {
  links=" $(delayed_links | tr '\n' ' ')"
  {
    echo "$controller"
    for link in $links; do
      ip -o route show dev "$link" | sed -n 's/.* via \([^ ]*\).*/\1/p'
      ip neigh show dev "$link" | sed -n 's/^\([^ ]*\) .*lladdr.*/\1/p' | grep -v '^fe80:'
    done 2>/dev/null
  } | while read -r station; do
    case $(ip -o route get "$station" 2>/dev/null) in local* | '') continue ;; esac
    case $links in *" $(device_towards "$station") "*) echo "$station" ;; esac
  done | sed 3q
}

# Print the round trip to the first station that answers, and the station.
baseline() {
  : # a ping has no port, so it would not be delayed
}

apply() {
  for link in $(delayed_links); do
    tc qdisc add dev "$link" root handle c4a0: prio bands 4 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 || return
    tc qdisc add dev "$link" parent c4a0:4 handle c4a4: netem limit 100000 delay 100ms || return
  done
  named=$(delayed_links | sed 's/.*/"&"/' | paste -s -d , -)
  nft -f - <<NFT
  add table inet $table
  delete table inet $table
  table inet $table {
    set slow4 {
      type ipv4_addr
      flags interval, timeout
      auto-merge
    }
    set slow6 {
      type ipv6_addr
      flags interval, timeout
      auto-merge
    }
    chain sent {
      type filter hook output priority 300; policy accept;
      oifname "lo" accept
      oifname != { $named } accept
      tcp sport $ssh_port accept
      tcp dport $ssh_port accept
      icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
      udp dport { 67, 68, 546, 547 } accept
      ip daddr { 169.254.169.254, 224.0.0.0/4 } accept
      ip6 daddr ff00::/8 accept
$(spared_by_nft daddr)
      ip daddr @slow4 tcp sport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
      ip daddr @slow4 tcp dport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
      ip daddr @slow4 udp sport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
      ip daddr @slow4 udp dport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
      ip6 daddr @slow6 tcp sport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
      ip6 daddr @slow6 tcp dport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
      ip6 daddr @slow6 udp sport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
      ip6 daddr @slow6 udp dport { 9092, 9094-9096 } counter meta priority set c4a0:4 accept
    }
  }
  add element inet $table slow4 { 0.0.0.0/0 timeout ${ttl}s }
  add element inet $table slow6 { ::/0 timeout ${ttl}s }
NFT
}

renew() {
  nft -f - <<NFT
  flush set inet $table slow4
  add element inet $table slow4 { 0.0.0.0/0 timeout ${ttl}s }
  flush set inet $table slow6
  add element inet $table slow6 { ::/0 timeout ${ttl}s }
NFT
}

undo() {
  printf 'add table inet %s\ndelete table inet %s\n' "$table" "$table" | nft -f - || return
  held=''
  for link in $(delayed_links); do
    ip link show dev "$link" >/dev/null 2>&1 || continue
    qdiscs=$(tc qdisc show dev "$link") || return
    case $qdiscs in *"qdisc prio c4a0: "*) held="$held $link" ;; esac
  done
  [ -n "$held" ] || return 0
  sleep 0.1 # packets held back leave first
  for link in $held; do
    tc qdisc del dev "$link" root handle c4a0: prio || return
  done
}

in_place() {
  for link in $(delayed_links); do
    tc qdisc show dev "$link" | grep -q '^qdisc netem c4a4: .*parent c4a0:4 ' || return
  done
  nft list set inet "$table" slow4 2>/dev/null | grep -q 'elements ='
}

effect() {
  before='' station='' now=''
  [ ! -s "$state/baseline" ] || read -r before station <"$state/baseline"
  [ -z "$station" ] || now=$(rtt_to "$station")
  if [ -n "$before" ] && [ -n "$now" ]; then
    echo "rtt to $station by $(device_towards "$station") $before -> $now ms"
    # A starved host is slow before as well: what it takes then is not taken off twice.
    awk -v before="$before" -v now="$now" \
      'BEGIN { exit !(now - before >= 80.0 || before < 40.0 && now >= 100.0) }'
    return
  fi
  packets_were_held
}

# The path is back when a packet takes no longer than before, give or take half the delay.
healed() {
  before='' station=''
  [ ! -s "$state/baseline" ] || read -r before station <"$state/baseline"
  [ -n "$before" ] || return 0
  now=$(ping -n -q -c 1 -W 2 "$station" 2>/dev/null | sed -n 's|^r[^=]*= \([0-9.]*\)/.*|\1|p')
  echo "rtt to $station $before -> ${now:-no answer} ms"
  awk -v before="$before" -v now="$now" 'BEGIN { exit !(now != "" && now - before < 50.0) }'
}

# Send what the fault must hold back; whatever runs on this host sends more.
provoke() {
  for station in $(stations); do
    connect_to "$station" 9092 &
  done
  wait
}

packets_were_held() {
  links=$(delayed_links | tr '\n' ' ')
  for _ in 1 2 3 4 5 6; do
    provoke
    packets=$(counter_of "$table")
    if [ "${packets:-0}" -gt 0 ] && in_place; then
      echo "packets sent through the delay on ${links% }: $packets"
      return 0
    fi
    sleep 0.3
  done
  echo "no packet was sent through the delay on ${links% } within 3 s"
  return 1
}
