"""Docstrings of classes say what a class is, as docs/style.md asks. Ruff looks at the others.

The classes whose first line is what users read of a key are left out: kinds of faults and checks,
and tolerances.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.unit.docs.examples import ROOT

READ_BY_USERS = (
    "chaos_runner/faults/kinds/",
    "chaos_runner/checks/kinds/",
    "chaos_runner/verdict/kinds/",
    "chaos_runner/verdict/families/",
    "tests/foreign_kind/",
)
IMPERATIVE = re.compile(
    r"(Answer|Ask|Be|Build|Carry|Check|Choose|Close|Collect|Count|Describe|Do|Draw|Drive|End|Find"
    r"|Follow|Give|Go|Hand|Hold|Judge|Keep|Leave|Let|Limit|Look|Make|Map|Mark|Name|Observe|Offer"
    r"|Open|Place|Poll|Put|Raise|Read|Recognise|Record|Refuse|Remember|Represent|Run|Say|Send|Serve"
    r"|Set|Show|Split|Stamp|Stand|Start|Stop|Store|Take|Tell|Track|Turn|Wait|Watch|Wrap|Write)\b"
)
"""Verbs with which such docstrings began."""


def classes() -> Iterator[tuple[str, str]]:
    """Yield where each class stands, and the first line of its docstring."""
    for folder in ("chaos_runner", "tests", "benchmarks"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if path.startswith(READ_BY_USERS):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and (text := ast.get_docstring(node)):
                    yield f"{path}:{node.lineno}: {node.name}", text.splitlines()[0]


def test_a_class_says_what_it_is() -> None:
    found = dict(classes())
    assert len(found) > 400
    wrong = [f"{where}: {line}" for where, line in found.items() if IMPERATIVE.match(line)]
    assert not wrong, "\n".join(wrong)
