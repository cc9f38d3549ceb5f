"""The base of every fault kind: what a user may write of it, and what its role is told."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from typing import ClassVar

from chaos_runner.content import content_directory
from chaos_runner.faults.capabilities import Capability
from chaos_runner.faults.impact import UNAVAILABLE, Impact, Machine
from chaos_runner.faults.role_options import RoleOption, options_of, role_value
from chaos_runner.yaml_input.written_model import WrittenModel

Resolve = Callable[[list[str]], list[str]]
"""Map peers as written (hosts, groups, patterns, IP, CIDR) to IP addresses and CIDR ranges."""


class FaultKind(WrittenModel, ABC):
    """One kind of disturbance: its options, without the targets and the duration.

    The fields are the options; each is written here once, with type, default and description, and
    becomes a variable of the role, named `ROLE_OPTION`. The first line of the docstring of a kind
    says what it does, in the imperative, since users read it.
    """

    kind: ClassVar[str]
    """The key in an experiment file."""
    has_role: ClassVar[bool] = True
    """Whether a role puts it on hosts; a fault of the cluster has none."""
    role: ClassVar[str] = ""
    """The role that puts it on; the kind's own name where this is empty. Kinds may share one."""
    needs: ClassVar[frozenset[Capability]] = frozenset()
    """What a host must have."""
    needs_words: ClassVar[str] = ""
    """The same for the reference, where no host has to have anything."""
    occupies: ClassVar[str] = ""
    """What of a host only one fault can have at a time, such as `root qdisc`; see `occupied`."""
    ends_in_kernel: ClassVar[bool] = False
    """Whether the kernel ends it when the lease is over, though no program runs any more."""
    survives_restart: ClassVar[bool] = False
    """Whether it may still be there after a restart, so that the boot unit has work."""
    absence: ClassVar[float] = 0.0
    """Seconds for which it takes its hosts away at most, where a restart is the fault itself: until
    then a silent host is waited for, and the restart that ends it is no early end."""
    role_title: ClassVar[str] = ""
    """What the role does, in one line, where it is shared by several kinds."""
    role_defaults: ClassVar[dict[str, object]] = {}
    """What the role takes, used alone, for options that an experiment must give."""
    role_only: ClassVar[tuple[RoleOption, ...]] = ()
    """Variables of the role that are no option: what a plan finds out."""

    @classmethod
    def role_name(cls) -> str:
        """Return the name of its role."""
        return cls.role or cls.kind

    @classmethod
    def role_directory(cls) -> Path:
        """Return where its role lies: beside the class in `roles`, or among the project's own."""
        beside = Path(inspect.getfile(cls)).resolve().parent / "roles" / cls.role_name()
        return beside if beside.is_dir() else content_directory("roles") / cls.role_name()

    def needed(self) -> frozenset[Capability]:
        """Return what a host must have for these options: `needs`, unless a kind knows better."""
        return self.needs

    @classmethod
    def title(cls) -> str:
        """Return in one line what it does."""
        return (cls.__doc__ or cls.kind).strip().splitlines()[0]

    @classmethod
    def role_does(cls) -> str:
        """Return in one line what its role does, which may be more than this kind."""
        return cls.role_title or cls.title()

    @abstractmethod
    def describe(self) -> str:
        """Return the fault in a few words, such as `delay 100ms to all peers`."""

    def reaches(self) -> Iterator[str]:
        """Yield in words each program that it starts on the control node, which takes trust."""
        yield from ()

    def outcome(self) -> str:
        """Return what it did to one host, to follow its name, such as `was slowed by 100 ms`."""
        return f"had {self.describe()}"

    def impact_on(self, machine: Machine) -> Impact:
        """Return what it does to a target; the worst, unless a kind knows better."""
        return UNAVAILABLE

    def lasts(self) -> float:
        """Return the seconds after which it is over by itself, whatever renews it."""
        return inf

    def kernel_expiry(self) -> str:
        """Return in words when the kernel ends it, where that is not when the lease is over."""
        return ""

    def occupied(self) -> str:
        """Return what it occupies on a host, in words; two faults with the same are refused."""
        return self.occupies

    def role_variables(self, resolve: Resolve) -> dict[str, object]:
        """Return the variables of its role.

        `resolve` is called only where peers are named. Raise InvalidInventoryError when they
        lead to no address at all.
        """
        prefix = self.role_name()
        return {
            **{f"{prefix}_{each.name}": each.default for each in self.role_only},
            **{
                f"{prefix}_{each.name}": role_value(each, getattr(self, each.name), resolve)
                for each in options_of(type(self))
            },
        }

    def choices_on(self, capabilities: frozenset[str]) -> dict[str, object]:
        """Return the role variables that the role would choose by itself on such a host.

        For showing a plan: the role makes the choice on the host, from the same facts.
        """
        return {}
