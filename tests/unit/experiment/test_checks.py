"""Checks as users write them: each mistake with its line, and what they reach for."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import InvalidExperimentError, RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.planning.trust_gate import require_trust

HEAD = "title: Checked\nfaults: [{network_partition: {}, duration: 60s}]\n"
CHECKS = HEAD + "steady_state:\n  checks:\n"


def written(directory: Path, text: str) -> Path:
    file = directory / "checked.yml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("- {name: nothing}", "5: steady_state.checks[0]: found no check; allowed is one of alert"),
        ("- {command: [a], http: {url: 'http://a'}}", "found `command` and `http`"),
        ("- http: {url: 'ftp://a/'}", "5: steady_state.checks[0].http.url: found `ftp://a/`"),
        ("- http: {url: 'http://u:p@a/'}", "found a URL with a user or a password"),
        ("- http: {url: 'http://a/#x'}", "allowed is a URL such as"),
        ('- http: {url: "http://a/\\nHost: b"}', "allowed is a URL such as"),
        ("- http: {url: 'http://a:99999/'}", "allowed is a URL such as"),
        ("- http: {url: 'http://a', status: 42}", "http.status"),
        ("- http: {url: 'http://a', latency: 5}", "did you mean `5s`?"),
        ("- http: {url: 'http://a', sttus: 200}", "did you mean `status`?"),
        ("- command: []", "steady_state.checks[0].command"),
        ("- command: ls", "steady_state.checks[0].command"),
        ("- prometheus: {url: 'http://a', query: up}", "found no range"),
        ("- prometheus: {url: 'http://a', query: up, at_least: 2, at_most: 1}", "nothing can be"),
        ("- prometheus: {url: 'http://a', query: up, at_most: .inf}", "at_most"),
        ("- alerts: {alert: A}", "found no URL, or two"),
        ("- alerts: {prometheus: 'http://a', alertmanager: 'http://b', alert: A}", "or two"),
        ("- alerts: {prometheus: 'http://a', alert: A, labels: {a-b: c}}", "name of a label"),
        (
            "- alerts: {prometheus: 'http://a', alert: A, must_fire_within: 61s}",
            "found an alert that must fire within `1m1s`; allowed is at most the longest fault",
        ),
        ("- {command: [a], interval: 100ms}", "allowed is `1s` to `1h`"),
        ("- {command: [a]}\n    - {command: [a]}", "found two checks `command a`"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(InvalidExperimentError) as invalid:
        load_experiment(written(tmp_path, f"{CHECKS}    {entry}\n"))
    assert said in str(invalid.value)


def test_a_password_in_a_url_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidExperimentError) as invalid:
        load_experiment(written(tmp_path, f"{CHECKS}    - http: {{url: 'http://u:tiger@a'}}\n"))
    assert "tiger" not in str(invalid.value)


def test_an_alert_that_must_fire_is_no_safeguard(tmp_path: Path) -> None:
    alert = "{prometheus: 'http://a', alert: A, must_fire_within: 5s}"
    file = written(tmp_path, f"{HEAD}safeguards:\n  - alerts: {alert}\n")
    with pytest.raises(InvalidExperimentError, match="found an alert that must fire"):
        load_experiment(file)


def test_a_dump_can_be_read_again(tmp_path: Path) -> None:
    entries = (
        "    - command: [check, --all]\n      hold: 5s\n"
        "    - {name: x, http: {url: 'https://a/', latency: 100ms, authorization: {env: T}}}\n"
        "    - alerts: {alertmanager: 'http://a', alert: A, must_fire_within: 30s}\n"
    )
    experiment = load_experiment(written(tmp_path, CHECKS + entries))
    dumped = experiment.model_dump(mode="json", exclude_none=True)
    assert type(experiment).model_validate(dumped) == experiment


REACHING = """\
    - http: {url: "https://shop.example.com/health", authorization: {env: SHOP_TOKEN}}
    - command: [./check.sh]
    - prometheus:
        url: http://prometheus.example.com:9090
        query: up
        at_least: 1
        authorization: {file: token}
        ca_file: /etc/own.pem
    - alerts: {alertmanager: "http://127.0.0.1:9093", alert: A, authorization: {env: LOCAL}}
safeguards:
  - http: {url: "http://shop.example.com/"}
"""


def test_each_reach_of_a_check_is_named_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, CHECKS + REACHING)
    experiment = load_experiment(file)
    with pytest.raises(RefusedError) as refused:
        require_trust(experiment, file, trusted=False)
    lines = [
        line.strip().removeprefix(f"{file}:")
        for line in str(refused.value).splitlines()
        if line.startswith(f"  {file}:")
    ]
    assert lines == [
        "15: safeguard 1 asks http://shop.example.com/",
        "5: check 1 asks https://shop.example.com/health",
        "5: check 1 sends the secret of the variable SHOP_TOKEN to shop.example.com",
        "6: check 2 runs `./check.sh` as you",
        "7: check 3 asks http://prometheus.example.com:9090",
        "7: check 3 sends the secret of the file token to prometheus.example.com:9090, unencrypted",
        "7: check 3 trusts the certificates of /etc/own.pem",
        "13: check 4 asks http://127.0.0.1:9093",
        "13: check 4 sends the secret of the variable LOCAL to 127.0.0.1:9093",
    ]
    require_trust(experiment, file, trusted=True)


def test_the_programs_of_a_fault_take_trust(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "title: Switched\nfaults:\n  - host_power:\n      switch_off: [virsh, destroy]\n"
        "      switch_on: [virsh, start]\n    duration: 60s\n",
    )
    experiment = load_experiment(file)
    with pytest.raises(RefusedError) as refused:
        require_trust(experiment, file, trusted=False)
    assert f"{file}:3: fault 1 runs `virsh destroy` as you" in str(refused.value)
    assert f"{file}:3: fault 1 runs `virsh start` as you" in str(refused.value)
    require_trust(experiment, file, trusted=True)
