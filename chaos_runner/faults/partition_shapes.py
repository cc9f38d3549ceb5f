"""Who of some hosts is cut from whom: the shapes of a network partition, as data. Pure.

They are Jepsen's (its `grudges`), but for a majorities ring of three hosts: it is a line there,
since no other cut is symmetric and leaves everybody a majority.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from chaos_runner.errors import InvalidInventoryError

Shape = Literal["isolate", "halves", "majority_minority", "bridge", "majorities_ring", "racks"]
Direction = Literal["both", "in", "out"]


@dataclass(frozen=True)
class Split:
    """How some hosts are cut from one another."""

    cut_from: Mapping[str, tuple[str, ...]]
    """Each host to those that it and they do not hear, in the order of the hosts."""
    first_side: frozenset[str]
    """The side that a cut in one direction is about; no host where there are no sides."""

    def holders(self, direction: Direction) -> tuple[str, ...]:
        """Return the hosts that get rules: all that are cut, or the first side alone."""
        return tuple(
            host
            for host, others in self.cut_from.items()
            if others and (direction == "both" or host in self.first_side)
        )

    def unheard(self, direction: Direction, holders: Collection[str]) -> dict[str, list[str]]:
        """Return who does not hear whom while these hosts have rules; nobody who hears all."""
        pairs = {
            pair
            for holder in holders
            for other in self.cut_from[holder]
            for pair in {"in": [(holder, other)], "out": [(other, holder)]}.get(
                direction, [(holder, other), (other, holder)]
            )
        }
        unheard = {
            host: [other for other in self.cut_from if (host, other) in pairs]
            for host in self.cut_from
        }
        return {host: others for host, others in unheard.items() if others}


def split_by_shape(hosts: Sequence[str], shape: Shape, seed: int = 0) -> Split:
    """Return the shape over these hosts, in their order, or as a seed that is not 0 draws it.

    Not for `racks`, which `split_by_groups` makes. Raises InvalidInventoryError where they are too
    few.
    """
    least, build = _SHAPES[shape]
    if len(hosts) < least:
        raise InvalidInventoryError(
            f"the partition `{shape}` takes {least} targets or more, found {len(hosts)}",
            "choose more targets, or another shape",
        )
    drawn = Random(seed).sample(sorted(hosts), len(hosts)) if seed else hosts  # noqa: S311
    split = build(drawn)
    return Split(_in_order(hosts, split.cut_from), split.first_side)


def split_by_groups(hosts: Sequence[str], groups: Mapping[str, Collection[str]]) -> Split:
    """Return each group of them cut from the others; those in no group are one side more.

    Raises InvalidInventoryError for a host in two groups, a group without a host, and one side.
    """
    sides: list[tuple[str, ...]] = []
    placed: dict[str, str] = {}
    for group, members in groups.items():
        side = tuple(host for host in hosts if host in members)
        if not side:
            raise InvalidInventoryError(
                f"no target is in `{group}`, which is to be one side of a partition",
                f"the targets are {', '.join(hosts)}",
            )
        for host in side:
            if host in placed:
                raise InvalidInventoryError(
                    f"{host} is in `{placed[host]}` and in `{group}`, and can be on one side only",
                    "name groups that have no host in common",
                )
            placed[host] = group
        sides.append(side)
    if rest := tuple(host for host in hosts if host not in placed):
        sides.append(rest)
    if len(sides) < 2:
        raise InvalidInventoryError(
            f"every target is in `{next(iter(groups))}`, so there is nobody to cut it from",
            "choose targets outside of it as well, or name more groups",
        )
    split = _sides(*sides)
    return Split(_in_order(hosts, split.cut_from), split.first_side)


def _sides(*sides: Sequence[str]) -> Split:
    """Cut each side from the others."""
    hosts = [host for side in sides for host in side]
    cut_from = {
        host: tuple(other for other in hosts if other not in side)
        for side in sides
        for host in side
    }
    return Split(cut_from, frozenset(sides[0]))


def _isolate(hosts: Sequence[str]) -> Split:
    return _sides(hosts[:1], hosts[1:])


def _halves(hosts: Sequence[str]) -> Split:
    return _sides(hosts[: len(hosts) // 2], hosts[len(hosts) // 2 :])


def _majority_minority(hosts: Sequence[str]) -> Split:
    minority = (len(hosts) - 1) // 2
    return _sides(hosts[:minority], hosts[minority:])


def _bridge(hosts: Sequence[str]) -> Split:
    """Cut two halves from each other, but for one host between them."""
    middle = len(hosts) // 2
    halves = _sides(hosts[:middle], hosts[middle + 1 :])
    return Split({**halves.cut_from, hosts[middle]: ()}, halves.first_side)


def _majorities_ring(hosts: Sequence[str]) -> Split:
    """Let each host hear only its neighbours in a ring, just so many on each side as it takes."""
    size = len(hosts)
    near = (size // 2 + 1) // 2  # a majority is the host itself and size // 2 others
    if size == 3:
        return Split({hosts[0]: (hosts[2],), hosts[1]: (), hosts[2]: (hosts[0],)}, frozenset())
    far = {
        host: tuple(
            other for at, other in enumerate(hosts) if near < (at - own) % size < size - near
        )
        for own, host in enumerate(hosts)
    }
    return Split(far, frozenset())


def _in_order(
    hosts: Sequence[str], cut_from: Mapping[str, Collection[str]]
) -> dict[str, tuple[str, ...]]:
    return {host: tuple(other for other in hosts if other in cut_from[host]) for host in hosts}


_SHAPES: Mapping[Shape, tuple[int, Callable[[Sequence[str]], Split]]] = {
    "isolate": (2, _isolate),
    "halves": (2, _halves),
    "majority_minority": (3, _majority_minority),
    "bridge": (3, _bridge),
    "majorities_ring": (3, _majorities_ring),
}
"""Each shape with the fewest hosts that it takes."""
