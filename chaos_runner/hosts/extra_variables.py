"""Write extra variables for Ansible so that nothing in them is run.

Ansible takes any text in an extra variable for a template, and a template can start programs on
the control node. Texts of people and hosts go there as well (why a fleet is halted, a host's
device), so every text is marked as data, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml


class _Data(str):
    """A text that is not a template."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Write such texts with the tag by which Ansible knows them."""


def _represent(dumper: yaml.SafeDumper, text: _Data) -> yaml.Node:
    return dumper.represent_scalar("!unsafe", str(text), style='"')


_Dumper.add_representer(_Data, _represent)


def as_data(variables: Mapping[str, object]) -> str:
    """Return variables as the text of a YAML file that Ansible loads without templating.

    Values are texts, numbers, true, false, null, and lists and mappings of them.
    """
    return yaml.dump(_marked(variables), Dumper=_Dumper, default_flow_style=True)


def _marked(value: object) -> object:
    """Mark every text but the keys, which Ansible does not take for templates."""
    match value:
        case str():
            # a byte of the command line that is no UTF-8 cannot be written
            return _Data(value.encode("utf-8", errors="replace").decode("utf-8"))
        case Mapping():
            return {str(key): _marked(item) for key, item in value.items()}
        case Sequence():
            return [_marked(item) for item in value]
        case _:
            return value
