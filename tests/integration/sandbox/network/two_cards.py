"""A host with two cards, and what is beyond each: network namespaces, nothing of the machine's.

eth0 leads to the controller (198.18.200.1), eth1 to another broker, which is on both networks
(198.18.200.3 and 198.18.201.3, fd00:201::3). Needs root, iproute2 and nftables.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence

from chaos_runner.faults.registry import fault_kinds
from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.hosts.guard import GUARD_PATH
from tests.integration.sandbox.guard.sandbox import CONTROLLER, ENVIRONMENT, HOST, Answer, Sandbox

PEER, PEER_ON_ETH1, PEER_BY_IPV6 = "198.18.200.3", "198.18.201.3", "fd00:201::3"
HOST_ON_ETH1, HOST_BY_IPV6 = "198.18.201.2", "fd00:201::2"

_ON_HOST = """
set -e
ip link set far netns {far}
ip link add eth1 type veth peer name eth1 netns {peer}
ip address add 198.18.201.2/24 dev eth1
ip address add fd00:201::2/64 dev eth1 nodad
ip link set eth1 up
"""
_BEYOND = """
set -e
ip link add br0 type bridge && ip link set br0 up
ip link set far master br0 && ip link set far up
ip link add port type veth peer name eth0 netns {peer}
ip link set port master br0 && ip link set port up
ip address flush dev far
ip address add 198.18.200.1/24 dev br0
"""
_ON_PEER = """
set -e
ip link set lo up
ip address add 198.18.200.3/24 dev eth0 && ip link set eth0 up
ip address add 198.18.201.3/24 dev eth1
ip address add fd00:201::3/64 dev eth1 nodad && ip link set eth1 up
"""

# This kernel may have neither prio nor netem. Its stand-in steers alike: a class that nothing
# enters by itself, with a queue of its own that counts, under the same handles.
_TC = r"""#!/bin/sh
case "$*" in
  *" netem delay 0ms") exit 0 ;;
  "-j qdisc show dev "*) cat "/run/chaos-runner/netem.$5" 2>/dev/null; exit 0 ;;
  "qdisc add dev "*" root handle c4a0: prio"*)
    /usr/sbin/tc qdisc add dev "$4" root handle c4a0: htb default 0 &&
      /usr/sbin/tc class add dev "$4" parent c4a0: classid c4a0:4 htb rate 10gbit quantum 60000 ;;
  "qdisc add dev "*" handle c4a4: netem"*)
    place=${*#"$1 $2 $3 $4 "}
    # shellcheck disable=SC2086 # words
    /usr/sbin/tc qdisc add dev "$4" ${place%% handle*} handle c4a4: pfifo limit 1000 &&
      echo "$*" | awk '
        BEGIN { group["loss"] = "loss-random"; unit["delay"] = 0.001; unit["loss"] = 0.01 }
        {
          sub(/.* netem limit /, "")
          printf "[{\"handle\":\"c4a4:\",\"options\":{\"limit\":%d", $1
          for (n = 2; n < NF; n += 2)
            printf ",\"%s\":{\"%s\":%.9f}", $n in group ? group[$n] : $n, $n, $(n + 1) * unit[$n]
          print ",\"gap\":0}}]"
        }' >"/run/chaos-runner/netem.$4" ;;
  "qdisc del dev "*" root handle c4a0: prio")
    /usr/sbin/tc qdisc del dev "$4" root handle c4a0: htb ;;
  *)
    /usr/sbin/tc "$@" | sed 's/^qdisc htb c4a0:/qdisc prio c4a0:/
      s/^qdisc pfifo c4a4:/qdisc netem c4a4:/' ;;
esac
"""


_OWN_ETC = """
o=/usr/local/sbin/.etc
[ -d $o ] || { mkdir -p $o/upper $o/work &&
  mount -t overlay -o lowerdir=/etc,upperdir=$o/upper,workdir=$o/work none /etc; } || exit
"""


class TwoCards(Sandbox):
    """The host, the controller's side, and a peer that is on both networks."""

    def __init__(self) -> None:
        super().__init__()
        self._peer = self._sleeper("--net")
        self._more: list[subprocess.Popen[bytes]] = []
        peer, far = str(self._peer.pid), str(self._far.pid)
        setup = _ON_HOST.replace("ip link set far netns {far}\n", "").format(peer=peer)
        self.run(["sh", "-c", setup])
        self.beyond(far, "sh", "-c", _BEYOND.format(peer=peer))
        self.beyond(peer, "sh", "-c", _ON_PEER)

    @property
    def controller(self) -> str:
        """Return a process in the controller's namespace."""
        return str(self._far.pid)

    @property
    def peer(self) -> str:
        """Return a process in the peer's namespace."""
        return str(self._peer.pid)

    def another(self) -> str:
        """Make a network namespace and return the process that holds it."""
        self._more.append(self._sleeper("--net"))
        return str(self._more[-1].pid)

    def beyond(self, holder: str, *command: str) -> str:
        """Run a command in the network namespace of a process; raise where it fails."""
        into = ["nsenter", "-t", holder, "--net", "--", *command]
        return subprocess.run(into, capture_output=True, check=True, text=True).stdout

    def pings(self, address: str, holder: str | None = None) -> bool:
        """Tell whether an address answers the host, or a namespace."""
        into = ["nsenter", "-t", holder, "--net", "--"] if holder else self.entrance
        ping = ["ping", "-n", "-q", "-c", "2", "-i", "0.3", "-W", "2", address]
        return subprocess.run([*into, *ping], capture_output=True, check=False).returncode == 0

    def connects(self, address: str, port: int, holder: str | None = None) -> bool:
        """Tell whether a TCP connection is accepted within a few seconds."""
        into = ["nsenter", "-t", holder, "--net", "--"] if holder else self.entrance
        command = ["timeout", "4", "bash", "-c", f": >/dev/tcp/{address}/{port}"]
        return subprocess.run([*into, *command], capture_output=True, check=False).returncode == 0

    def put(self, place: str, text: str) -> None:
        """Write a file under the host's /etc, which is its own from the first one on."""
        write = _OWN_ETC + 'mkdir -p "${0%/*}" && cat >"$0"'
        self.run(["sh", "-c", write, place], text.encode())

    def program(self, name: str, text: str) -> None:
        """Put a program before the system's own on the host's path."""
        file = f"/usr/local/sbin/{name}"
        self.run(["sh", "-c", f"cat >{file} && chmod 755 {file}"], text.encode())

    def take_away(self, *programs: str) -> None:
        """Hide programs of the host's."""
        for program in programs:
            hide = f'for d in /usr/sbin /usr/bin /sbin /bin; do [ ! -e "$d/{program}" ] || '
            self.run(["sh", "-c", hide + f'mount --bind /dev/null "$d/{program}"; done'])

    def with_netem(self) -> None:
        """Let the host carry delays, or what steers alike where the kernel has no netem."""
        self.program("tc", _TC)

    def ask(
        self,
        *words: str,
        script: str = "",
        session: str = f"{CONTROLLER} 40000 {HOST} 22",
    ) -> Answer:
        """Ask the guard from an SSH session with these ends."""
        done = subprocess.run(
            [*self.entrance, GUARD_PATH, *words],
            input=script.encode(),
            capture_output=True,
            check=False,
            env={**ENVIRONMENT, "SSH_CONNECTION": session},
        )
        lines = [line for line in done.stdout.decode().splitlines() if line.startswith("{")]
        return Answer(done.returncode, json.loads(lines[-1]) if lines else None)

    def inject(
        self,
        kind: str,
        options: Mapping[str, object] | None = None,
        session: str = f"{CONTROLLER} 40000 {HOST} 22",
        lease: int = 120,
    ) -> Mapping[str, object]:
        """Put a fault on, with role options without their prefix, and return the answer."""
        role = fault_kinds()[kind].role_name()
        variables = {f"{role}_{name}": value for name, value in (options or {}).items()}
        times = ("--lease", str(lease), "--cap", "150")
        words = ("inject", "f_1", "--run", "r1", "--kind", kind, *times)
        answer = self.ask(*words, script=render_fault_script(kind, variables), session=session)
        assert answer.data is not None
        return answer.data

    def preflight(self, session: str = f"{CONTROLLER} 40000 {HOST} 22") -> Mapping[str, object]:
        """Return the facts of the host."""
        answer = self.ask("preflight", session=session)
        assert answer.data is not None
        return answer.data

    def is_faulty(self) -> bool:
        """Tell whether a table of the fault's is there."""
        return "chaos_" in self.run(["nft", "list", "tables"])

    def revert(self) -> None:
        """Take the fault back and see that the host is clean."""
        data = self.ask("revert", "--all").data
        assert data is not None
        assert data["state"] == "clean", data

    def serve(self, holder: str, program: str, *arguments: str) -> None:
        """Start a Python program in a namespace; it ends with the sandbox."""
        into: Sequence[str] = ["nsenter", "-t", holder, "--net", "--"]
        self._more.append(
            subprocess.Popen(
                [*into, "python3", "-c", program, *arguments], stdin=subprocess.DEVNULL
            )
        )

    @property
    def newest(self) -> int:
        """Return the process that was started last beyond the host."""
        return self._more[-1].pid

    @property
    def host(self) -> str:
        """Return a process in the host's namespaces."""
        return str(self._host.pid)

    def close(self) -> None:
        """End everything that was started in the namespaces; they end with it."""
        for one in (*self._more, self._peer):
            one.kill()
            one.wait()
        super().close()


def carried(host: TwoCards, link: str) -> int:
    """Return how many packets went through the delaying queue of an interface."""
    shown = host.run(["/usr/sbin/tc", "-s", "qdisc", "show", "dev", link])
    _, _, ours = shown.partition(" c4a4: ")
    return int(ours.partition("bytes ")[2].partition(" pkt")[0]) if ours else 0


__all__ = [
    "CONTROLLER",
    "HOST",
    "HOST_BY_IPV6",
    "HOST_ON_ETH1",
    "PEER",
    "PEER_BY_IPV6",
    "PEER_ON_ETH1",
    "TwoCards",
    "carried",
]
