# shellcheck shell=sh disable=SC2034,SC2043,SC2154
# Delay what this host sends: packets that nftables marks go through a netem band of a prio qdisc.
# The marks hang on set elements that time out, so the delay ends even if nothing else runs.

validate() {
  [ "$has_netem" = yes ] || refuse "the kernel of this host has no sch_netem" "install the package with its extra modules, such as kernel-modules-extra"
  [ "$has_nft" = yes ] || refuse "this host has no nft" "install nftables"
  ip link show dev "eth1" >/dev/null 2>&1 || refuse "this host has no interface eth1" "name one that 'ip link' shows"
  root_qdisc_is_default "eth1" || refuse "the root qdisc of eth1 is not the kernel's own" "it could not be put back; use another interface"
}

fingerprint_extra() {
  ! ip link show dev "eth1" >/dev/null 2>&1 ||
    tc qdisc show dev "eth1" | sed 's/ refcnt [0-9]*//' | sort
}

measured_peer() {
  echo "$controller"
}

baseline() {
  peer=$(measured_peer)
  [ -z "$peer" ] || rtt_to "$peer"
}

apply() {
  tc qdisc add dev "eth1" root handle c4a0: prio bands 4 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 &&
    tc qdisc add dev "eth1" parent c4a0:4 handle c4a4: netem limit 100000 delay 100ms &&
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
      type filter hook postrouting priority 300; policy accept;
      oifname "lo" accept
      oifname != "eth1" accept
      tcp sport $ssh_port accept
      tcp dport $ssh_port accept
      icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
      udp dport { 67, 68, 546, 547 } accept
      ip daddr { 169.254.169.254, 224.0.0.0/4 } accept
      ip6 daddr ff00::/8 accept
      ip daddr @slow4 counter meta priority set c4a0:4 accept
      ip6 daddr @slow6 counter meta priority set c4a0:4 accept
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
  ip link show dev "eth1" >/dev/null 2>&1 || return 0
  qdiscs=$(tc qdisc show dev "eth1") || return
  case $qdiscs in *"qdisc prio c4a0: root"*) ;; *) return 0 ;; esac
  sleep 0.1 # packets held back leave first
  tc qdisc del dev "eth1" root handle c4a0: prio
}

in_place() {
  tc qdisc show dev "eth1" | grep -q '^qdisc netem c4a4: parent c4a0:4 ' || return
  nft list set inet "$table" slow4 2>/dev/null | grep -q 'elements ='
}

effect() {
  peer=$(measured_peer)
  before=$(cat "$state/baseline" 2>/dev/null)
  now=$([ -z "$peer" ] || rtt_to "$peer")
  if [ -n "$before" ] && [ -n "$now" ]; then
    echo "rtt to $peer $before -> $now ms"
    # A starved host is slow before as well: what it takes then is not taken off twice.
    awk -v before="$before" -v now="$now" \
      'BEGIN { exit !(now - before >= 80.0 || before < 40.0 && now >= 100.0) }'
    return
  fi
  packets_were_held
}

# The path is back when a packet takes no longer than before, give or take half the delay.
healed() {
  peer=$(measured_peer)
  before=$(cat "$state/baseline" 2>/dev/null)
  [ -n "$before" ] || return 0
  now=$(ping -n -q -c 1 -W 2 "$peer" 2>/dev/null | sed -n 's|^rtt [^=]*= \([0-9.]*\)/.*|\1|p')
  echo "rtt to $peer $before -> ${now:-no answer} ms"
  awk -v before="$before" -v now="$now" 'BEGIN { exit !(now != "" && now - before < 50.0) }'
}

packets_were_held() {
  for _ in 1 2 3 4 5 6; do
    wait
    packets=$(counter_of "$table")
    if [ "${packets:-0}" -gt 0 ] && in_place; then
      echo "packets sent through the delay: $packets"
      return 0
    fi
    sleep 0.3
  done
  echo "no packet was sent through the delay within 3 s"
  return 1
}
