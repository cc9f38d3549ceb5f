"""Add the pages that lie outside of docs/ to the site: a hook of mkdocs, named in mkdocs.yml.

A link in a page is relative to its file in the repository, so that it works there. Where it leads
to a page that is somewhere else on the site, it is written anew.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
SITE_PLACES = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "benchmarks/README.md": "project/benchmarks.md",
    **{
        page.relative_to(ROOT).as_posix(): f"roles/{page.parent.name}"
        + (".md" if page.stem == "README" else f"-{page.stem}.md")
        for page in sorted(ROOT.glob("roles/*/*.md"))
    },
}
_REPOSITORY_PLACES = {site: repository for repository, site in SITE_PLACES.items()}
_LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)\s]*)?\))")


def on_config(config: Any) -> Any:
    """Name the page of every role in the navigation, at its empty entry `Roles`."""
    roles = [place for place in SITE_PLACES.values() if place.startswith("roles/")]
    for section in config.nav:
        for entry in section.get("Reference", []):
            if "Roles" in entry:
                entry["Roles"] = [{Path(place).stem: place} for place in roles]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add each page from outside of docs/ under its place on the site."""
    for repository, site in SITE_PLACES.items():
        text = (ROOT / repository).read_text(encoding="utf-8")
        files.append(File.generated(config, site, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Lead every link of a page to the place of its target on the site."""
    return with_site_links(markdown, page.file.src_uri)


def with_site_links(markdown: str, site: str) -> str:
    """Return the text of the page at `site` with links that hold on the site."""
    repository = _REPOSITORY_PLACES.get(site, f"docs/{site}")

    def moved(link: re.Match[str]) -> str:
        start, target, end = link.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(repository), target))
        place = SITE_PLACES.get(path, path.removeprefix("docs/"))
        return start + posixpath.relpath(place, posixpath.dirname(site) or ".") + end

    return _LINK.sub(moved, markdown)
