# --- the path in: what SSH and a login need beside $ssh_port -----------------------------------

spare() { # ADDRESS|any PROTOCOL PORT|any WHY: one more kind of packet that network faults let pass
  case "$spared" in *"$1 $2 $3 "*) ;; *) spared="$spared$1 $2 $3 $4
" ;; esac
}

find_path_in() { # set device; spared: lines of ADDRESS PROTOCOL PORT WHY; path_problem and path_hint
  way=$(ip -o route get "$controller" 2>/dev/null)
  device=$(device_of "$way")
  spared='' unknown_tunnels='' path_problem='' path_hint=''
  spare_name_servers
  spare_directories
  spare_homes
  spare_tunnels
  spare_ipsec
  case $way in
    local*) path_problem="SSH comes from this host itself ($controller), by a relay whose own connection is not known" ;;
  esac
  find_serving_agent
  [ -z "$agent" ] || path_problem="this session is served by $agent on this host, whose own connection is not known"
  for tunnel in $unknown_tunnels; do
    ! is_on_path "$tunnel" ||
      path_problem="SSH comes through the tunnel $tunnel, whose outer connection is not known"
  done
  [ -z "$path_problem" ] || path_hint="name what that connects to as spared, or reach the host another way"
}

find_serving_agent() { # set agent: what serves this session in the place of sshd, over a connection of its own
  agent=''
  find_ancestors
  for process in $ancestors; do
    read -r name 2>/dev/null <"/proc/$process/comm" || name=''
    case $name in
      teleport | tailscaled | cloudflared | amazon-ssm* | ssm-*) agent=$name ;;
    esac
  done
}

spare_name_servers() { # sudo and sshd look names up
  # shellcheck disable=SC2013 # words are meant
  for server in $(sed -n 's/^[[:space:]]*nameserver[[:space:]][[:space:]]*\([0-9A-Fa-f.:]*\).*/\1/p' \
    /etc/resolv.conf /run/systemd/resolve/resolv.conf 2>/dev/null); do
    case $server in
      127.0.0.53 | 127.0.0.54) [ ! -r /run/systemd/resolve/resolv.conf ] || continue ;;
    esac
    # Whom a server here asks is its own affair.
    case $server in 127.* | ::1 | 0.0.0.0) server=any ;; esac
    for protocol in udp tcp; do spare "$server" $protocol 53 "name server"; done
    spare "$server" tcp 853 "name server"
  done
}

spare_directories() { # LDAP and Kerberos, where users come from there; which servers, DNS may say
  asked=$(grep -Ehs '^[^#]*pam_(tac|radius|krb5|ldap|sss|winbind)' /etc/pam.d/*)
  case $asked in *pam_tac*) spare any tcp 49 TACACS ;; esac
  case $asked in *pam_radius*) for port in 1812 1813; do spare any udp $port RADIUS; done ;; esac
  case $asked in *pam_krb5* | *pam_ldap* | *pam_sss* | *pam_winbind*) ;; *)
    grep -Eqs '^(passwd|group|shadow|initgroups|sudoers):.*(sss|ldap|winbind)' /etc/nsswitch.conf || return 0 ;;
  esac
  set --
  for file in /etc/sssd/sssd.conf /etc/sssd/conf.d/*.conf /etc/nslcd.conf /etc/ldap.conf /etc/krb5.keytab; do
    [ ! -e "$file" ] || set -- "$@" "$file"
  done
  [ $# -gt 0 ] || return 0
  for port in 88 389 464 636 3268 3269 $(sed -n 's|^[^#]*ldaps*://[^:/ ]*:\([0-9][0-9]*\).*|\1|p' "$@" 2>/dev/null); do
    spare any tcp "$port" "directory"
  done
  for port in 88 389 464; do spare any udp $port "directory"; done
}

spare_homes() { # file systems from the network that a login waits for: of homes, of programs, of all
  # shellcheck disable=SC2013 # words are meant
  for server in $(sed -En 's#^[^ ]+ /(([^ ]*/)?(home|root|usr)(/[^ ]*)?)? nfs4? [^ ]*,addr=([^, ]+).*#\5#p' /proc/mounts); do
    spare "$server" tcp 2049 NFS
  done
}

list_tunnels() { # print NAME KIND OPTIONS of each link that carries packets inside of others
  ip -d -o link show up 2>/dev/null | sed -En '
    s/^[0-9]+: ([^:@ ]+)[:@].*\\ +(vxlan|geneve|gre|gretap|erspan|ip6gre|ip6gretap|ip6erspan|ipip|ip6tnl|sit|vti|vti6|xfrm|wireguard|tun|ppp)( .*|$)/\1 \2 \3/p
    t
    s/^[0-9]+: ([^:@ ]+)[:@].* link\/(none|ppp)( .*|$)/\1 \2/p'
}

spare_tunnels() { # their outer packets; what is inside of them is judged by itself
  local kind
  tunnels=$(list_tunnels)
  while read -r tunnel kind options; do
    remote=any port=''
    # shellcheck disable=SC2086 # words
    set -- $options
    while [ $# -gt 1 ]; do
      case $1 in
        remote) remote=$2 ;;
        dstport | encap-dport) port=$2 ;;
      esac
      shift
    done
    case $kind in
      '') ;;
      vxlan | geneve) [ -n "$port" ] || { [ "$kind" = vxlan ] && port=8472 || port=6081; } ;;
      *gre* | *erspan) spare "$remote" 47 any "tunnel $tunnel" ;;
      ipip | ip6tnl | sit) spare "$remote" 4 any "tunnel $tunnel" && spare "$remote" 41 any "tunnel $tunnel" ;;
      vti | vti6 | xfrm) spare_ipsec_with "$remote" ;;
      wireguard) spare_wireguard "$tunnel" ;;
      *) unknown_tunnels="$unknown_tunnels $tunnel" ;;
    esac
    case $port in '' | 0) ;; *) spare "$remote" udp "$port" "tunnel $tunnel" ;; esac
  done <<TUNNELS
$tunnels
TUNNELS
}

spare_wireguard() { # LINK: by the port it listens on, or those that its file names
  ports=$(wg show "$1" listen-port 2>/dev/null)
  [ -n "$ports" ] || ports=$(sed -n 's/^[[:space:]]*\(ListenPort\|Endpoint\)[[:space:]]*=\(.*[^0-9]\)\{0,1\}\([0-9][0-9]*\)[[:space:]]*$/\3/p' \
    "/etc/wireguard/$1.conf" 2>/dev/null)
  [ -n "$ports" ] || unknown_tunnels="$unknown_tunnels $1"
  for number in $ports; do spare any udp "$number" "tunnel $1"; done
}

spare_ipsec() { # the ends of every policy of the kernel
  for end in $(ip xfrm policy 2>/dev/null | sed -n 's/^[[:space:]]*tmpl src \([^ ]*\) dst \([^ ]*\).*/\1 \2/p'); do
    case $end in 0.0.0.0 | ::) end=any ;; esac
    spare_ipsec_with "$end"
  done
}

spare_ipsec_with() { # ADDRESS|any
  for protocol in 50 51; do spare "$1" $protocol any IPsec; done
  for port in 500 4500; do spare "$1" udp $port IPsec; done
}

is_on_path() { # LINK: whether the SSH session comes in by it, or by what lies on top of it
  for way in "$(device_towards "$controller")" "$(device_with "$session_address")"; do
    case $way in '') continue ;; "$1") return 0 ;; esac
    case $(ip -o link show dev "$way" 2>/dev/null) in *": $way@$1:"*) return 0 ;; esac
    bridged_from "$way" "$1" && return 0
  done
  return 1
}

bridged_from() { # BRIDGE PORT: whether the bridge learned the next station there
  has bridge || return 1
  station=$(ip -o route get "$controller" 2>/dev/null | sed -n 's/.* via \([^ ]*\).*/\1/p')
  mac=$(ip neigh show "${station:-$controller}" dev "$1" 2>/dev/null | sed -n 's/.*lladdr \([^ ]*\).*/\1/p')
  [ -n "$mac" ] && bridge fdb show br "$1" 2>/dev/null | grep -qi "^$mac dev $2 "
}

device_with() { # ADDRESS: print the interface that holds it; loopback counts for none
  [ -n "$1" ] && ip -o address show to "$1" 2>/dev/null | awk '$2 != "lo" { sub(/@.*/, "", $2); print $2; exit }'
}

links_json() { # print device to addresses with prefix
  ip -o address show scope global 2>/dev/null | awk '
    { gsub(/["\\]/, "?"); sub(/@.*/, "", $2) }
    !($2 in all) { names[++n] = $2 }
    { all[$2] = all[$2] (all[$2] == "" ? "" : ",") "\"" $4 "\"" }
    END { for (i = 1; i <= n; i++) list = list (i > 1 ? "," : "") "\"" names[i] "\":[" all[names[i]] "]"; print "{" list "}" }'
}

links_below() { # print "LINK LINK" of each VLAN, bridge or bond and what carries its packets
  for path in /sys/class/net/*/lower_*; do
    path=${path#/sys/class/net/}
    case $path in '*'*) ;; *) echo "${path%%/*} ${path#*/lower_}" ;; esac
  done
}

routes_json() { # print "PREFIX DEVICE,... [TABLE]"
  { ip -4 -o route show table all; echo IPv6; ip -6 -o route show table all; } 2>/dev/null | awk '
    { gsub(/["\\]/, "?") }
    $1 == "IPv6" { six = 1 }
    $1 == "default" { $1 = six ? "::/0" : "0.0.0.0/0" }
    n < 500 {
      via = of = ""
      for (i = 2; i < NF; i++) {
        if ($i == "dev") via = via "," $(i + 1)
        if ($i == "table") of = " " $(i + 1)
      }
      if (via && of != " local") list = list (n++ ? "," : "") "\"" $1 " " substr(via, 2) of "\""
    }
    END { print "[" list "]" }'
}

qdiscs_json() { # print device to its root qdisc, as KIND HANDLE, by what tc has said
  say "${tc_said:-}" | awk '
    { gsub(/["\\]/, "?") }
    $4 == "dev" && $6 == "root" { list = list (list == "" ? "" : ",") "\"" $5 "\":\"" $2 " " $3 "\"" }
    END { print "{" list "}" }'
}

