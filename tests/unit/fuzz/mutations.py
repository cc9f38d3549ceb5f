"""Change good inputs a little, which gets further into a reader than noise does."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from hypothesis import strategies as st

ODD_TEXTS = st.sampled_from(
    [
        "",
        "\x1b]0;x\x07",
        "\u202e",
        "\x00",
        "\ud800",
        "{{ 1 }}",
        "$(id)",
        "`id`",
        "../../etc",
        "/dev/zero",
        "a" * 3000,
        "all",
        "web*",
        "1e999",
        "-1",
        "!unsafe",
        "ssh -oProxyCommand=id",
        "\n",
        "%s%n",
        "${env:HOME}",
        "${file:/etc/passwd:root}",
        "<script>",
        "9999-12-31T23:59:59Z",
    ]
)
NUMBERS = st.sampled_from([0, -1, 2**31, 2**63, 10**400, 1e308, float("inf"), float("nan"), -0.0])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | st.integers()
    | st.floats()
    | ODD_TEXTS
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXTS | st.text(max_size=5), inner)
    ),
    max_leaves=6,
)

YAML_PIECES = (
    "<<: *a",
    "a: &a [1, 2]",
    "b: *a",
    "!!python/object/apply:os.system [id]",
    "!!binary aGk=",
    "? [a, b]\n: c",
    "on: yes",
    "{a: {b: [c, {d: e}]}}",
    "- - - -",
    "x: 0o17",
    "x: 12:30:45",
    "x: 1_000",
    "%YAML 1.1",
    "---",
    "...",
    "- &b [*b]",
    "[" * 60,
    "{a: " * 60,
    "x: .inf",
    "x: |\n  text",
    "command: [id]",
    "kafka: {properties: {ssl.providers: x}}",
    'title: "\\x1b[2J"',
    "\ufeff",
)

Path = tuple[str | int, ...]


def places(value: object, path: Path = ()) -> list[Path]:
    """Return the way to everything inside a value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


def put(at: object, where: Path, value: object) -> None:
    """Set what stands at a place inside of nested lists and mappings."""
    for step in where[:-1]:
        if isinstance(at, dict):
            at = at[step]
        elif isinstance(at, list):
            at = at[int(step)]
    if isinstance(at, dict):
        at[where[-1]] = value
    elif isinstance(at, list):
        at[int(where[-1])] = value


@st.composite
def changed_data(draw: st.DrawFn, whole: Sequence[object]) -> object:
    """Take nested data and put something odd into up to three places of it."""
    data = copy.deepcopy(draw(st.sampled_from(list(whole))))
    for _ in range(draw(st.integers(0, 3))):
        ways = places(data)
        if ways:
            put(data, draw(st.sampled_from(ways)), draw(VALUES))
    return data


@st.composite
def changed_text(draw: st.DrawFn, whole: Sequence[str], pieces: Sequence[str]) -> str:
    """Take a text and change lines of it: drop, repeat, move, or put one of the pieces in."""
    lines = draw(st.sampled_from(list(whole))).splitlines()
    piece = st.sampled_from(list(pieces)) | ODD_TEXTS | st.text(max_size=20)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        line = lines[at] if lines else ""
        match draw(st.sampled_from(["insert", "append", "cut", "drop", "repeat", "move"])):
            case "insert":
                indent = line[: len(line) - len(line.lstrip())]
                lines.insert(at, indent + draw(piece))
            case "append" if lines:
                lines[at] = line + draw(piece)
            case "cut" if lines:
                lines[at] = line[: draw(st.integers(0, len(line)))] + draw(piece)
            case "drop" if lines:
                del lines[at]
            case "repeat":
                lines.insert(at, line)
            case _ if lines:
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
    return "\n".join(lines)
