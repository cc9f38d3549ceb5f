"""What a file of quite another kind holds is in no message, whoever named it, a link included."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app

SECRET = "hunter2AAAA"  # noqa: S105  # of nobody
HOLDERS = {
    "token": f"{SECRET}\n",
    "key": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END OPENSSH PRIVATE KEY-----\n",
    "shadow": f"root:$6$salt${SECRET}:19000:0:99999:7:::\n",
    "properties": f"sasl.password={SECRET}\nsasl.username=x\n",
    "credentials": f"[default]\naws_secret_access_key = {SECRET}\n",
    "netrc": f"machine x login y password {SECRET}\n",
    "pair": f"user:{SECRET}\n",
}
SCHEDULE = 'title: t\ntime_zone: UTC\nexperiments: [{experiment: NAMED, cron: "0 9 * * mon"}]\n'
DAY = 'title: t\ndate: 2027-03-09\nstart: "09:00"\nagenda: [{experiment: NAMED}]\n'
EXPERIMENT = (
    "title: t\nsteady_state: {loss: 0%}\nfaults: [{network_partition: {}, "
    "targets: {group: kafka_broker, count: 1}, duration: 5s}]\n"
)
WAYS = {
    "a link": ("validate", "NAMED.yml"),
    "an experiment of a schedule": ("schedule", "check", "schedule.yml"),
    "an experiment of a game day": ("gameday", "check", "day.yml", "--no-hosts"),
    "a calendar": ("schedule", "check", "calendar.yml"),
    "a properties file": ("plan", "reading.yml", "-i", "localhost,"),
    "a finding": ("findings",),
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("by_link", [False, True], ids=["named", "linked"])
def test_what_it_holds_is_in_no_message(
    way: str, holder: str, by_link: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    secret = tmp_path / "secret"
    secret.write_text(HOLDERS[holder])
    secret.chmod(0o600)
    named = str(secret)
    if by_link:
        for ending in (".yml", ".ics"):
            secret.with_suffix(ending).symlink_to(secret)
        named = "secret.ics" if way == "a calendar" else "secret.yml"
    (tmp_path / "NAMED.yml").symlink_to(secret)
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "one.yml").symlink_to(secret)
    (tmp_path / "good.yml").write_text(EXPERIMENT)
    (tmp_path / "schedule.yml").write_text(SCHEDULE.replace("NAMED", named))
    (tmp_path / "day.yml").write_text(DAY.replace("NAMED", named))
    calendar = SCHEDULE.replace("NAMED", "good.yml") + f"windows: {{calendar: {named}}}\n"
    (tmp_path / "calendar.yml").write_text(calendar)
    (tmp_path / "reading.yml").write_text(EXPERIMENT + f"kafka: {{properties_file: {named}}}\n")
    result = CliRunner().invoke(app, list(WAYS[way]))
    assert SECRET not in result.output + str(result.exception)
    assert result.exit_code != 0 or way == "a finding"
