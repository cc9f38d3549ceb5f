"""Find words that the project no longer uses, in prose and in names; see docs/style.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PROSE = {
    r"(?<!KRaft )(?<!active )\bcontrollers?\b": "control node, or KRaft controller",
    r"(?<!host )(?<!streamed )\bguards?\b": "host guard, safeguard or preflight check",
    r"\b(?:both|two|second|other) hands?\b": "channel, or somebody else",
    r"\blevers?\b": "halt switch",
    r"\bladders?\b|\brungs?\b|\bL[0-6]\b": "fail-safe, by its name",
    r"\bstr(?:ikes?|uck|iking)\b": "impact, affect",
    r"\bunknown records?\b|\brecords? (?:is|are) unknown\b": "indeterminate",
    r"\bunseen\b|\bread back\b": "consumed, not yet consumed",
    r"\baccounts?\b(?! for)": "ledger, ledger summary",
    r"\bblackouts?\b": "outage",
    r"(?-i:\*\*[LFN]\*\*|\b(?:row|group|on|in|of) [LFN]\b|\b[LFN] \d)": (
        "led by a target, replicated on a target, control"
    ),
    r"\btells?\b|\btold\b|\btelling\b": "report, reported",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bputs? (?:\S+ ){0,3}back\b|\bputting (?:\S+ ){0,3}back\b": "restore",
    r"\bas (?:it was|they were)\b": "unchanged, restored",
    r"\bcarr(?:y|ies|ied) (?:(?:a|the|one) )?(?:faults?|along|latency)\b": "support, stream",
    r"\bhurts?\b": "affect",
    r"\bpassed over\b": "skipped",
    r"\bst(?:ands?|ood) against\b": "prevent",
    r"\bstrangers?\b": "untrusted experiment, foreign record",
    r"\bsettl(?:e|es|ed|ing)\b|\bquiet\b": "stable",
    r"\bstarved\b": "short of CPU",
    r"\boutlets?\b|\blookouts?\b|\bstandstills?\b": "see docs/style.md",
}
"""Retired words of prose, as patterns, with what is written in their place."""

NAMES: dict[str, str] = {
    "account_row": "ledger_row",
    "ansible_hand": "ansible_channel",
    "blackout": "outage",
    "carried": "streamed",
    "displaced": "out_of_range",
    "fate": "impact",
    "final_account": "final_summary",
    "ladder": "fail_safes",
    "lever": "halt_switch",
    "lookout": "independent_observer",
    "outlet": "group_producer",
    "outlook": "impact",
    "rescue_hand": "ssh_channel",
    "rung": "fail_safe",
    "settling": "wait_for_recovery",
    "standstill": "stall",
    "starvation": "short_of_cpu",
    "strike": "impact",
    "struck": "affected",
    "victim": "target",
}
"""Retired words of names in code, with the new ones: `lever` stands for `HaltLever`, `pull_lever`
and `levers.py` no less than `lever`; `partition_fate` for `PartitionFate`, too."""

_FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
_GENERATED = re.compile(r"<!-- [\w ]+: begin -->.*?<!-- [\w ]+: end -->", re.DOTALL)
_SPAN = re.compile(r"(`+)[^`]+?\1|\]\([^)]*\)|<!--.*?-->")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@dataclass(frozen=True)
class Retired:
    """A retired word: where it stands, the word, and what to write in its place."""

    where: str
    word: str
    instead: str

    def __str__(self) -> str:
        return f"{self.where}: {self.word!r}; write {self.instead}"


def in_prose(text: str, where: str) -> list[Retired]:
    """Return the retired words of a text; code, links and what is generated are left out."""
    for block in (_GENERATED, _FENCE):
        text = block.sub(lambda found: "\n" * found[0].count("\n"), text)
    text = _SPAN.sub(lambda span: "`" + "\n" * span[0].count("\n") + "`", text)
    return sorted(
        (
            Retired(f"{where}:{text.count(chr(10), 0, found.start()) + 1}", found[0], instead)
            for pattern, instead in PROSE.items()
            for found in re.finditer(pattern, text, re.IGNORECASE)
        ),
        key=lambda word: (word.where, word.word),
    )


def in_names(source: str, where: str, retired: dict[str, str]) -> list[Retired]:
    """Return the names that a module makes of which a part is retired; strings do not count."""
    return [
        Retired(f"{where}:{line}", name, retired[word])
        for name, line in _names(ast.parse(source))
        for word in _words_in(name, retired)
    ]


def in_path(path: Iterable[str], where: str, retired: dict[str, str]) -> list[Retired]:
    """Return the folders and the module of a path of which a part is retired."""
    return [
        Retired(where, name, retired[word]) for name in path for word in _words_in(name, retired)
    ]


def _names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield each name that the module gives to something, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.alias(asname=str(name)):
                yield name, node.lineno


def _words_in(name: str, retired: Iterable[str]) -> list[str]:
    """Return the retired words that a name consists of in part, singular or plural."""
    spelled = "_".join(part.lower() for part in _PART.findall(name))
    return [word for word in retired if re.search(rf"(?:^|_){word}s?(?:_|$)", spelled)]
