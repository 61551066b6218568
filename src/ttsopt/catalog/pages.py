"""Pages of the documentation that messages name: beside the package in a wheel, else in the repository."""

from __future__ import annotations

from pathlib import Path

PAGES = "pages"  # in a wheel; pyproject.toml says which are there
_PACKAGE = Path(__file__).resolve().parents[1]


def page(name: str) -> str:
    """Return the path of a page that can be opened as it is printed."""
    packaged = _PACKAGE / PAGES / name
    return str(packaged if packaged.is_file() else _PACKAGE.parents[1] / "docs" / name)
