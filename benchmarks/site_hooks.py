"""Hooks of the documentation site (mkdocs.yml): pages from the top of the repository, and links out of docs/.

SECURITY.md, CONTRIBUTING.md and CHANGELOG.md are pages of the site as they are. A link to a file or folder that is
no page (a source file, results as JSON) leads to the repository, if it is there; else the build fails.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

TOP = Path(__file__).parents[1]
AT_TOP = {
    "security.md": "SECURITY.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}
LINK = re.compile(r"(?<!\\)(\]\()([^)\s#:]+)(#[^)\s]*)?(\))")
# Words behind the language of a block are for tests: `console run`, `toml file=patch.toml`.
FENCE = re.compile(r"^(```\w+) [^\n]*$", re.MULTILINE)
CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages from the top of the repository."""
    for page, source in AT_TOP.items():
        text = (TOP / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: Any, files: Files) -> str:
    """Return the page with links that lead out of docs/ turned, and blocks that every renderer takes."""
    here = AT_TOP.get(page.file.src_uri) or f"docs/{page.file.src_uri}"
    pages = {one.src_uri for one in files}
    parts = CODE.split(FENCE.sub(r"\1", markdown))
    parts[::2] = [
        LINK.sub(lambda found: _turned(found, here, page, pages, config), part)
        for part in parts[::2]
    ]
    return "".join(parts)


def _turned(
    found: re.Match[str], here: str, page: Page, pages: set[str], config: Mapping[str, Any]
) -> str:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(here), found[2]))
    anchor = found[3] or ""
    uri = _page_of(target)
    if uri in pages:
        start = posixpath.dirname(page.file.src_uri) or "."
        return f"{found[1]}{posixpath.relpath(uri, start)}{anchor}{found[4]}"
    if target.startswith("..") or not (TOP / target).exists():
        raise PluginError(f"{here}: no such file as {found[2]}")
    kind = "tree" if (TOP / target).is_dir() else "blob"
    return f"{found[1]}{config['extra']['repository']}/{kind}/main/{target}{anchor}{found[4]}"


def _page_of(target: str) -> str:
    at_top = {source: page for page, source in AT_TOP.items()}
    return at_top.get(target, target.removeprefix("docs/"))
