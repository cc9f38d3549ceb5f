"""Write the generated files of fault roles: `python -m chaos_runner.faults [MODULE:CLASS ROLE]`.

Without arguments those of the project itself. A package that brings a kind of its own names its
class and the folder of its role.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import yaml

from chaos_runner.content import content_directory
from chaos_runner.faults.capabilities import guard_part
from chaos_runner.faults.pages.example_playbooks import example_playbook
from chaos_runner.faults.pages.measured import read_measured, releases_of
from chaos_runner.faults.pages.reference import (
    BEGIN,
    END,
    ROLES_BEGIN,
    ROLES_END,
    reference_of,
    roles_table,
)
from chaos_runner.faults.registry import own_kinds
from chaos_runner.faults.role_files import RoleKinds, options_table, role_files, with_table


def generated_files() -> dict[Path, str]:
    """Return path to text of everything in the project that follows from the classes."""
    roles = content_directory("roles")
    docs = roles.parent / "docs"
    page, guide = docs / "reference" / "faults.md", docs / "guide" / "roles.md"
    kinds = list(own_kinds())
    with_role = [kind for kind in kinds if kind.has_role]
    texts = {
        roles / "host_guard" / "src" / "27-capabilities.sh": guard_part(),
        page: with_table(page.read_text("utf-8"), reference_of(kinds, read_measured()), BEGIN, END),
        guide: with_table(guide.read_text("utf-8"), roles_table(with_role), ROLES_BEGIN, ROLES_END),
    }
    for role in {kind.role_name() for kind in with_role}:
        sharing = [kind for kind in with_role if kind.role_name() == role]
        sharing.sort(
            key=lambda kind: kind.kind != role
        )  # what its namesake says of an option counts
        texts |= files_of_role(sharing, roles / role)
        if (readme := roles / role / "README.md").is_file():
            # Grouped as the classes are: in `network`, `service` and so on.
            group = sharing[0].__module__.split(".")[-2]
            example = content_directory("examples") / "playbooks" / group / f"{role}.yml"
            text = readme.read_text(encoding="utf-8")
            texts[example] = example_playbook(role, sharing[0].role_does(), text)
    return texts


def files_of_role(kinds: RoleKinds, role: Path) -> dict[Path, str]:
    """Return path to text of the generated files of one role, its README's table among them."""
    guard = content_directory("roles") / "host_guard" / "meta" / "argument_specs.yml"
    specs = yaml.safe_load(guard.read_text(encoding="utf-8"))["argument_specs"]
    releases = releases_of([kind.kind for kind in kinds], read_measured())
    files = role_files(kinds, specs["inject"]["options"], releases)
    texts = {role / path: text for path, text in files.items()}
    readme = role / "README.md"
    if readme.is_file():
        text = readme.read_text(encoding="utf-8")
        texts[readme] = with_table(text, options_table(kinds))
    return texts


def main(arguments: list[str]) -> int:
    """Write the files; return the exit status."""
    if not arguments:
        texts = generated_files()
    elif len(arguments) == 2:
        module, _, name = arguments[0].partition(":")
        kind = getattr(importlib.import_module(module), name)
        texts = files_of_role([kind], Path(arguments[1]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
