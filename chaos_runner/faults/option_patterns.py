"""Regular expressions of what a fault role takes, and the same in words. Pure.

A role has nothing else to look at text with: no filter of Ansible's own knows an address. Of
addresses they let through what the standard library's `ipaddress` takes, too.
"""

from __future__ import annotations

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = f"{_OCTET}([.]{_OCTET}){{3}}"

_GROUP = "[0-9A-Fa-f]{1,4}"
_GROUPS = f"({_GROUP}(:{_GROUP})*)?"
_FEWER_THAN_EIGHT = "(?!:*([^:/]+:+){7}[^:/])"
# An address that sockets of IPv6 write for one of IPv4: no packet has it.
_NO_IPV4_IN_IT = (
    f"(?![0:]+[Ff]{{4}}:{_GROUP}:{_GROUP}(/|$))"
    f"(?!(0{{1,4}}:){{5}}[Ff]{{4}}(::({_GROUP})?|:{_GROUP}::)(/|$))"
)
_IPV6 = f"{_NO_IPV4_IN_IT}(({_GROUP}:){{7}}{_GROUP}|{_FEWER_THAN_EIGHT}{_GROUPS}::{_GROUPS})"

_NO_LOOPBACK_OR_MULTICAST = (
    "(?!(127|22[4-9]|23[0-9])[.])"
    "(?![0:]*:0{0,3}1(/|$))(?![Ff]{2}[0-9A-Fa-f]{2}:)"
    "(?![Ff][Ee][89ABab][0-9A-Fa-f]:)"  # link-local: another machine on every interface
)

ADDRESS = f"({_IPV4}|{_IPV6})"
"""An address."""
RANGE = f"({_IPV4}(/(3[0-2]|[12]?[0-9]))?|{_IPV6}(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)"
"""An address, or a range of them."""
PEER = f"{_NO_LOOPBACK_OR_MULTICAST}{RANGE}"
"""An address or a range that a fault could concern: loopback and multicast stay out of all."""

_PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
PORTS = f"{_PORT}(-{_PORT})?"
"""A port, or a range of them, which may still be the wrong way round."""

_NUMBER = r"[0-9]{1,9}([.][0-9]{1,9})?"
PERCENTAGE = "(100|[0-9]{1,2}([.][0-9]{1,9})?)%"
INTEGER, ANY_NUMBER = "[0-9]{1,15}", f"-?{_NUMBER}"
DURATION, OFFSET = f"{_NUMBER}m?s", f"-?{_NUMBER}m?s"

_RANGES = "IP addresses or ranges (no IPv4 address within an IPv6 one)"
WORDS = {
    PEER: f"{_RANGES}, none of loopback or multicast",
    RANGE: _RANGES,
    DURATION: "a number of `ms` or `s`",
    OFFSET: "a number of `ms` or `s`, which may be below zero",
}
"""What a role takes where an experiment may say it in more ways."""
ALL_WORDS = WORDS | {
    ADDRESS: "IP addresses",
    PORTS: "ports such as 9092 or 9092-9094",
    PERCENTAGE: "a percentage such as 5%",
    INTEGER: "a whole number",
    ANY_NUMBER: "a number",
}
"""What a role takes, whatever an experiment may say."""
