"""Change good inputs a little, which gets further into a reader than noise does.

Everything is made of a seeded `Random`, several times as fast as by Hypothesis's engine: what
counts is how many inputs a reader has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias, TypeVar

Value = TypeVar("Value")
Make: TypeAlias = Callable[[Random], Value]
"""What makes one input of a seeded source of chance."""

Path = tuple[str | int, ...]

ODD_TEXTS = (
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
    "L",
)
NUMBERS = (
    0,
    -1,
    1,
    2,
    -0.0,
    1e-300,
    1e15,
    -1e15,
    2**31,
    2**63 - 1,
    2**63,
    -(2**63),
    10**30,
    10**400,
    1e308,
    float("inf"),
    float("nan"),
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


def any_text(random: Random, longest: int = 20) -> str:
    """Return a few characters of anything but surrogates, half of them of ASCII."""
    length = random.randint(0, longest)
    ascii_only = random.random() < 0.5
    highest = 0x7F if ascii_only else random.choice([0xFF, 0xD7FF])
    return "".join(chr(random.randint(0, highest)) for _ in range(length))


def odd_text(random: Random) -> str:
    """Return a text that means something to some program, or any other."""
    return random.choice(ODD_TEXTS) if random.random() < 0.7 else any_text(random)


def any_bytes(random: Random, longest: int) -> bytes:
    """Return any bytes."""
    return random.randbytes(random.randint(0, longest))


def odd_value(random: Random, depth: int = 2) -> object:
    """Return a value that JSON can say, most often a simple one."""
    match random.randint(0, 9 if depth else 7):
        case 0:
            return random.choice([None, True, False])
        case 1 | 2:
            return random.choice(NUMBERS)
        case 3:
            return random.randint(-(2**70), 2**70)
        case 4:
            return random.uniform(-1e6, 1e6)
        case 5 | 6 | 7:
            return odd_text(random)
        case 8:
            return [odd_value(random, depth - 1) for _ in range(random.randint(0, 3))]
        case _:
            sizes = range(random.randint(0, 3))
            return {odd_text(random): odd_value(random, depth - 1) for _ in sizes}


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


def with_value(at: object, where: Path, value: object) -> object:
    """Return nested lists and mappings with another value at a place; what is around is shared."""
    if not where:
        return value
    step, rest = where[0], where[1:]
    if isinstance(at, dict):
        return {**at, step: with_value(at.get(step), rest, value)}
    if isinstance(at, list):
        index = int(step)
        return [*at[:index], with_value(at[index], rest, value), *at[index + 1 :]]
    return at


def value_at(at: object, where: Path) -> object:
    """Return what stands at a place."""
    for step in where:
        if isinstance(at, dict):
            at = at[step]
        elif isinstance(at, list):
            at = at[int(step)]
    return at


def without(at: object, where: Path) -> object:
    """Return nested lists and mappings without what stands at a place."""
    around, last = value_at(at, where[:-1]), where[-1]
    if isinstance(around, dict):
        kept: object = {key: each for key, each in around.items() if key != last}
    elif isinstance(around, list):
        kept = [each for index, each in enumerate(around) if index != last]
    else:
        kept = around
    return with_value(at, where[:-1], kept)


def changed_data(whole: Sequence[object]) -> Make[object]:
    """Take nested data and put something odd, or a part of another one, into places of it."""
    ways = [places(each) for each in whole]

    def make(random: Random) -> object:
        number = random.randrange(len(whole))
        data, around = whole[number], ways[number]
        for _ in range(random.choice([0, 1, 1, 2, 3])):
            if not around:
                break
            where = random.choice(around)
            match random.randint(0, 7):
                case 0:
                    data = without(data, where)
                case 1:
                    other = random.randrange(len(whole))
                    piece = value_at(whole[other], random.choice(ways[other] or [()]))
                    data = with_value(data, where, piece)
                case 2 if isinstance(value_at(data, where), dict):
                    key = odd_text(random)
                    data = with_value(data, (*where, key), odd_value(random))
                case _:
                    data = with_value(data, where, odd_value(random))
            around = places(data)
        return data

    return make


def changed_text(whole: Sequence[str], pieces: Sequence[str]) -> Make[str]:
    """Take a text and change lines of it: drop, repeat, move, or put one of the pieces in."""
    texts = [each.splitlines() for each in whole]

    def piece(random: Random) -> str:
        return random.choice(pieces) if random.random() < 0.6 else odd_text(random)

    def make(random: Random) -> str:
        lines = list(random.choice(texts))
        for _ in range(random.choice([0, 1, 1, 2, 4])):
            at = random.randrange(max(1, len(lines)))
            line = lines[at] if lines else ""
            match random.choice(["insert", "append", "cut", "drop", "repeat", "move"]):
                case "insert":
                    indent = line[: len(line) - len(line.lstrip())]
                    lines.insert(at, indent + piece(random))
                case "append" if lines:
                    lines[at] = line + piece(random)
                case "cut" if lines:
                    lines[at] = line[: random.randint(0, len(line))] + piece(random)
                case "drop" if lines:
                    del lines[at]
                case "repeat":
                    lines.insert(at, line)
                case _ if lines:
                    lines.insert(random.randrange(len(lines)), lines.pop(at))
        return "\n".join(lines)

    return make


def one_of(*ways: Make[Value]) -> Make[Value]:
    """Make an input by one of several ways."""
    return lambda random: random.choice(ways)(random)
