"""The lab's network as lists of commands: a bridge, and a port for every host."""

from __future__ import annotations

from chaos_runner.lab.layout import CONTROLLER_ADDRESSES, PREFIX_LENGTHS, HostPlace

BRIDGE = "lab0"

Command = list[str]


def lab_network(namespace: str) -> list[Command]:
    """Return what makes the lab's namespace, with the bridge at which the control node sits."""
    ipv4, ipv6 = _with_lengths(*CONTROLLER_ADDRESSES)
    return [
        ["ip", "netns", "add", namespace],
        _at_once(namespace),
        _in(namespace, "link set lo up"),
        # Without snooping, neighbour discovery never waits for a multicast querier.
        _in(namespace, f"link add {BRIDGE} type bridge mcast_snooping 0 stp_state 0"),
        _in(namespace, f"link set {BRIDGE} up"),
        _in(namespace, f"address add {ipv4} dev {BRIDGE}"),
        _in(namespace, f"address add {ipv6} dev {BRIDGE} nodad"),
    ]


def container_port(place: HostPlace) -> list[Command]:
    """Return what makes the namespace of a container or light host, joined to the bridge."""
    lab, own, port = place.lab, place.namespace, place.interface
    peer = f"peer name eth0 address {place.mac} netns {own}"
    return [
        ["ip", "netns", "add", own],
        _at_once(own),
        _in(lab, f"link add {port} type veth {peer}"),
        _in(lab, f"link set {port} master {BRIDGE} up"),
    ]


def vm_port(place: HostPlace) -> list[Command]:
    """Return what makes a VM's tap, joined to the bridge."""
    return [
        _in(place.lab, f"tuntap add dev {place.interface} mode tap"),
        _in(place.lab, f"link set {place.interface} master {BRIDGE} up"),
    ]


def clear_port(place: HostPlace) -> list[Command]:
    """Return what removes a host's port and namespace; each may fail where there is none."""
    return [
        _in(place.lab, f"link delete {place.interface}"),
        ["ip", "netns", "delete", place.namespace],
    ]


def host_script(place: HostPlace) -> str:
    """Return the shell script with which a host takes its addresses at every boot.

    One `ip` for all of it: under an emulated processor each command costs a fifth of a second.
    """
    ipv4, ipv6 = CONTROLLER_ADDRESSES
    own_ipv4, own_ipv6 = _with_lengths(place.ipv4, place.ipv6)
    return (
        "until [ -e /sys/class/net/eth0 ]; do sleep 0.1; done\n"
        "dad=/proc/sys/net/ipv6/conf/eth0/accept_dad\n"
        "[ ! -w $dad ] || echo 0 >$dad\n"
        "exec ip -batch - <<END\n"
        "link set lo up\n"
        "link set eth0 up\n"
        f"address replace {own_ipv4} dev eth0\n"
        f"address replace {own_ipv6} dev eth0 nodad\n"
        f"route replace default via {ipv4}\n"
        f"route replace default via {ipv6}\n"
        "END\n"
    )


def _with_lengths(ipv4: str, ipv6: str) -> tuple[str, str]:
    of_ipv4, of_ipv6 = PREFIX_LENGTHS
    return f"{ipv4}/{of_ipv4}", f"{ipv6}/{of_ipv6}"


def _in(namespace: str, arguments: str) -> Command:
    return ["ip", "-n", namespace, *arguments.split()]


def _at_once(namespace: str) -> Command:
    """Make IPv6 addresses usable at once: nobody else could have taken them."""
    setting = "net.ipv6.conf.default.accept_dad=0"
    return ["ip", "netns", "exec", namespace, "sysctl", "-q", "-w", setting]
