"""The kinds that netem makes: what is accepted, what is refused, and what their role is told."""

from __future__ import annotations

import re
import subprocess

import pytest
from pydantic import ValidationError

from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.kinds.network.emulation import EmulationFault
from chaos_runner.faults.kinds.network.network_bandwidth import NetworkBandwidth
from chaos_runner.faults.kinds.network.network_corruption import NetworkCorruption
from chaos_runner.faults.kinds.network.network_duplication import NetworkDuplication
from chaos_runner.faults.kinds.network.network_latency import NetworkLatency
from chaos_runner.faults.kinds.network.network_loss import NetworkLoss
from chaos_runner.faults.kinds.network.network_reordering import NetworkReordering
from chaos_runner.fleet.commands import render_fault_script

WRITTEN: list[tuple[type[FaultKind], dict[str, object], str, str]] = [
    (NetworkBandwidth, {"rate": "1.5mbit"}, "limit to 1.5mbit", "sent at most 1.5mbit"),
    (NetworkCorruption, {"corrupt": "1%"}, "corrupt 1%", "sent 1% of its packets corrupt"),
    (NetworkDuplication, {"duplicate": "2%"}, "duplicate 2%", "sent 2% of its packets twice"),
    (NetworkLatency, {"delay": "10ms"}, "delay 10ms", "was slowed by 10 ms"),
    (NetworkLoss, {"loss": "5%"}, "lose 5%", "lost 5% of what it sent"),
    (
        NetworkLoss,
        {"loss": "5%", "burst": 4.0},
        "lose 5% in bursts of 4",
        "lost 5% of what it sent",
    ),
    (
        NetworkLoss,
        {"states": ["1%", "20%", "10%", "50%", "0.5%"]},
        "lose 5.164% by states 1%, 20%, 10%, 50%, 0.5%",
        "lost 5.164% of what it sent",
    ),
    (
        NetworkReordering,
        {"reorder": "25%"},
        "reorder 25% by 10ms",
        "sent 25% of its packets out of order",
    ),
]


@pytest.mark.parametrize(("kind", "options", "said", "outcome"), WRITTEN)
def test_each_kind_says_what_it_does(
    kind: type[FaultKind], options: dict[str, object], said: str, outcome: str
) -> None:
    fault = kind.model_validate(options)
    assert fault.describe() == f"{said} to all peers"
    assert fault.outcome() == outcome
    variables = fault.role_variables(list)
    for name, value in options.items():
        assert variables[f"network_emulation_{name}"] == value


@pytest.mark.parametrize(
    ("direction", "said", "outcome"),
    [
        ("out", "lose 5% to kafka-2", "lost 5% of what it sent"),
        ("in", "lose 5% from kafka-2", "lost 5% of what it received"),
        ("both", "lose 5% from and to kafka-2", "lost 5% of what it sent and received"),
    ],
)
def test_each_direction_has_its_words(direction: str, said: str, outcome: str) -> None:
    options = {"loss": "5%", "peers": ["kafka-2"], "direction": direction}
    fault = NetworkLoss.model_validate(options)
    assert (fault.describe(), fault.outcome()) == (said, outcome)
    slow = NetworkLatency.model_validate({"delay": "10ms", "direction": "both"})
    assert slow.outcome() == "was slowed by 10 ms each way"


def test_slots_are_told() -> None:
    fault = NetworkLatency.model_validate({"delay": "1ms", "slot": "20ms", "slot_packets": 5})
    assert fault.describe() == "delay 1ms in bursts 20ms apart to all peers"


@pytest.mark.parametrize(
    ("direction", "needed"),
    [
        ("out", {"tc", "netem", "nft"}),
        ("in", {"tc", "ifb", "nft"}),  # no root qdisc is exchanged
        ("both", {"tc", "netem", "ifb", "nft"}),
    ],
)
def test_only_what_comes_in_needs_a_link_of_its_own(direction: str, needed: set[str]) -> None:
    fault = NetworkLoss.model_validate({"loss": "5%", "direction": direction})
    assert {each.name for each in fault.needed()} == needed


@pytest.mark.parametrize(
    ("direction", "queues"), [("out", 1), ("in", 1), ("both", 2)], ids=["out", "in", "both"]
)
def test_each_direction_has_its_queue(direction: str, queues: int) -> None:
    variables = {"network_emulation_delay": "5ms", "network_emulation_direction": direction}
    script = render_fault_script("network_latency", variables)
    assert script.count("netem limit") == queues
    assert ("root handle c4a0: prio" in script) == (direction != "in")
    assert ("fwd to chaosifb" in script) == (direction != "out")


@pytest.mark.parametrize(
    ("states", "lost"),
    [
        (["100%", "100%"], 50.0),  # good, bad, good, bad
        (["10%", "40%"], 20.0),
        (["10%", "40%", "0%", "100%", "50%"], 42.857),  # a single loss for each two good ones
        (["10%", "20%", "20%", "10%"], 20.0),  # for each good one half a bad, and one amid it
    ],
)
def test_the_share_that_is_lost_follows_from_the_states(states: list[str], lost: float) -> None:
    assert NetworkLoss.model_validate({"states": states}).share() == lost
    script = render_fault_script("network_loss", {"network_emulation_states": states})
    (asked,) = re.findall(r"sent - came, sent, [\d.]+, ([\d.]+)\)", script)
    assert float(asked) == pytest.approx(lost / 100, abs=1e-5)


def test_they_share_one_role_and_one_queue_on_a_host() -> None:
    for kind, options, *_ in WRITTEN:
        assert issubclass(kind, EmulationFault)
        assert kind.role_name() == "network_emulation"
        assert kind.model_validate(options).occupied() == "root qdisc"


def test_what_is_not_set_is_zero_or_empty_for_the_role() -> None:
    variables = NetworkLoss.model_validate({"loss": "1%"}).role_variables(list)
    assert variables["network_emulation_burst"] == 0.0
    assert variables["network_emulation_correlation"] == ""


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        (NetworkLoss, {}, "either `loss` or `states`"),
        (NetworkLoss, {"states": []}, "either `loss` or `states`"),
        (NetworkLoss, {"states": ["1%"]}, "p31 is needed, too"),
        (NetworkLoss, {"loss": "1%", "states": ["1%", "30%"]}, "either `loss` or `states`"),
        (NetworkLoss, {"states": ["1%", "30%"], "burst": 2.0}, "leave the others out"),
        (NetworkLoss, {"states": ["1%", "30%"], "correlation": "1%"}, "leave the others out"),
        (NetworkLoss, {"states": ["1%"] * 6}, "at most 5 items"),
        (NetworkLoss, {"states": ["1%", "0%"]}, "no way leads back"),
        (NetworkLoss, {"states": ["1%", "10%", "10%", "0%"]}, "no way leads back"),
        (NetworkLoss, {"states": ["0%", "10%"]}, "nothing is lost"),
        (NetworkLoss, {"states": ["60%", "10%", "0%", "1%", "41%"]}, "more than 100%"),
        (NetworkLoss, {"loss": "0%"}, r"allowed is `0\.001%` to `100%`"),
        (NetworkLoss, {"loss": 10}, "no unit"),
        (NetworkLoss, {"loss": "90%", "burst": 2.0}, "takes bursts of 9 or more"),
        (NetworkLoss, {"loss": "100%", "burst": 2.0}, "takes a cut or more"),
        (NetworkLoss, {"loss": "5%", "burst": 0.5}, "greater than or equal to 1"),
        (NetworkLoss, {"loss": "5%", "burst": 2.0, "correlation": "5%"}, "beside `burst`"),
        (NetworkDuplication, {"duplicate": "5%", "correlation": "5%"}, "Extra inputs"),
        (NetworkReordering, {"reorder": "5%", "delay": "61s"}, "allowed is"),
        (NetworkBandwidth, {"rate": "20"}, "a rate in kbit, mbit or gbit"),
        (NetworkBandwidth, {"rate": "0mbit"}, "a rate in kbit, mbit or gbit"),
        (NetworkBandwidth, {"rate": "20mbit; reboot"}, "a rate in kbit, mbit or gbit"),
        (NetworkCorruption, {"corrupt": "1%", "ports": ["x"]}, "a port such as"),
        (NetworkLatency, {"delay": "1ms", "slot": "101ms"}, "allowed is `1ms` to `100ms`"),
        (NetworkLatency, {"delay": "1ms", "slot_packets": 5}, "without slot"),
        (NetworkLoss, {"loss": "1%", "direction": "up"}, "'both', 'in' or 'out'"),
    ],
)
def test_what_is_refused(kind: type[FaultKind], options: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        kind.model_validate(options)


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ({"delay": "100ms"}, "limit 83334 delay 100ms"),
        ({"delay": "60s"}, "limit 200000 delay 60s"),
        ({"rate": "20mbit"}, "limit 417 rate 20mbit"),
        ({"rate": "20mbit", "delay": "250ms"}, "limit 834 delay 250ms rate 20mbit"),
        ({"rate": "8kbit"}, "limit 32 rate 8kbit"),
        ({"delay": "1ms", "slot": "20ms"}, "limit 17500 delay 1ms slot 20ms"),
        (
            {"delay": "1ms", "slot": "20ms", "slot_packets": 5},
            "limit 17500 delay 1ms slot 20ms packets 5",
        ),
        ({"loss": "20%", "burst": 5.0}, "limit 1000 loss gemodel 5.000000% 20.000000%"),
        ({"states": ["1%", "30%"]}, "limit 1000 loss state 1.0% 30.0%"),
        (
            {"loss": "1%", "corrupt": "2%", "duplicate": "3%", "correlation": "25%"},
            "limit 1000 loss 1% 25% duplicate 3% corrupt 2% 25%",
        ),
    ],
)
def test_the_queue_has_room_for_what_it_holds_back(
    options: dict[str, object], command: str
) -> None:
    variables = {f"network_emulation_{name}": value for name, value in options.items()}
    assert f"netem {command} || return" in render_fault_script("network_loss", variables)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "nothing is asked of the queue"),
        ({"reorder": "5%"}, "overtake only others"),
        ({"delay": "61s"}, "too long"),
        ({"slot": "101ms"}, "too long"),
        ({"delay": "1ms", "slot_packets": 5}, "only where there are slots"),
        ({"loss": "90%", "burst": 2.0}, "takes longer bursts"),
        ({"states": ["1%"]}, "cannot follow one another"),
        ({"states": ["1%"] * 6}, "cannot follow one another"),
        ({"states": ["1%", "0%"]}, "cannot follow one another"),
        ({"states": ["1%", "60%", "41%"]}, "cannot follow one another"),
        ({"states": ["1%", "30%"], "loss": "1%"}, "in place of a loss"),
    ],
)
def test_the_role_alone_refuses_what_cannot_be(options: dict[str, object], why: str) -> None:
    variables = {f"network_emulation_{name}": value for name, value in options.items()}
    assert why in render_fault_script("network_loss", variables)


END = '"ecn":false,"gap":0}}]'
READ_BACK = [
    ({"delay": "1500.5ms"}, '"limit":200000,"delay":{"delay":1.5005,"jitter":0,"correlation":0},'),
    (
        {"delay": "100ms", "jitter": "10ms", "correlation": "25%", "distribution": "normal"},
        '"limit":91667,"delay":{"delay":0.1,"jitter":0.01,"correlation":0.25},',
    ),
    (
        {"loss": "10%", "correlation": "25%"},
        '"limit":1000,"loss-random":{"loss":0.1,"correlation":0.25},',
    ),
    (
        {"loss": "10%", "burst": 10.0},
        '"limit":1000,"loss-gemodel":{"p":0.0111111,"r":0.1,"1-h":1,"1-k":0},',
    ),
    (
        {"states": ["1%", "20%", "10%", "50%", "0.5%"]},
        '"limit":1000,"loss-state":{"p13":0.01,"p31":0.2,"p32":0.1,"p23":0.5,"p14":0.005},',
    ),
    ({"duplicate": "1%"}, '"limit":1000,"duplicate":{"duplicate":0.01,"correlation":0},'),
    ({"corrupt": "0.01%"}, '"limit":1000,"corrupt":{"corrupt":0.0001,"correlation":0},'),
    (
        {"delay": "10ms", "reorder": "25%"},
        '"limit":8334,"delay":{"delay":0.01,"jitter":0,"correlation":0},'
        '"reorder":{"reorder":0.25,"correlation":0},',
    ),
    (
        {"rate": "20.5mbit"},
        '"limit":428,"rate":{"rate":2562500,"packetoverhead":0,"cellsize":0,"celloverhead":0},',
    ),
    (
        {"delay": "1ms", "slot": "20ms", "slot_packets": 5},
        '"limit":17500,"delay":{"delay":0.001,"jitter":0,"correlation":0},'
        '"slot":{"min-delay":0.02,"max-delay":0.02,"packets":5},',
    ),
]
"""What is asked of a queue, and what `tc -j qdisc show` of iproute2 6.1 reads back of it."""


def differences(options: dict[str, object], read_back: str) -> str:
    """Return in what a queue differs from what was asked, as the fault script sees it."""
    variables = {f"network_emulation_{name}": value for name, value in options.items()}
    script = render_fault_script("network_loss", variables)
    root = '[{"kind":"prio","handle":"c4a0:","root":true,"refcnt":2,"options":{"bands":4}},'
    queue = '{"kind":"netem","handle":"c4a4:","parent":"c4a0:4","options":{'
    tc = f"tc() {{ printf '%s' '{root}{queue}{read_back}{END}'; }}"
    run = ["sh", "-c", f"{script}\n{tc}\ndifferences_on eth0"]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("options", "read_back"), READ_BACK)
def test_a_queue_that_is_as_asked_shows_no_difference(
    options: dict[str, object], read_back: str
) -> None:
    assert differences(options, read_back) == ""


@pytest.mark.parametrize(
    ("options", "read_back", "said"),
    [
        (
            {"delay": "60s"},
            '"limit":200000,"delay":{"delay":5.0327,"jitter":0,"correlation":0},',
            "queue_setting 5.0327 count asked=60 interface=eth0 of=delay.delay\n",
        ),
        (
            {"loss": "10%"},
            '"limit":1000,"loss-random":{"loss":0.1,"correlation":0},"corrupt":{"corrupt":0.0001,',
            "queue_setting 0.0001 count interface=eth0 of=corrupt.corrupt\n",
        ),
        (
            {"rate": "1mbit"},
            '"limit":32,',
            "queue_setting 0 count asked=125000 interface=eth0 of=rate.rate\n",
        ),
    ],
)
def test_a_queue_that_is_not_as_asked_says_in_what(
    options: dict[str, object], read_back: str, said: str
) -> None:
    assert differences(options, read_back) == said
