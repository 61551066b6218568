"""Which version of a system a tree is: git's word, a package's, or what the code looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ttsopt.boundary.git import run_git
from ttsopt.boundary.parsing import load_toml
from ttsopt.boundary.reading import TABLE, read_text
from ttsopt.discovery.definitions import holds
from ttsopt.domain.system import Layout, System, Version


def read_version(root: Path, system: System, layout: Layout) -> Version:
    """The best answer there is; `unknown` is one too."""
    shape = next(_shapes(root, system, layout), "")
    tag, commit = _git_describe(root)
    if commit:
        return Version(tag, "git", commit)
    packaged = _package_version(root, system.package)
    if packaged:
        return Version(packaged, "package")
    return Version(shape, "code") if shape else Version("unknown", "unknown")


def _git_describe(root: Path) -> tuple[str, str]:
    """Tag-based name and commit where the root is a git checkout of its own, else nothing.

    A copy inside somebody's repository would be described by that repository's tags.
    """
    if not (root / ".git").exists():
        return "", ""
    commit = _git(root, "rev-parse", "HEAD")
    return _git(root, "describe", "--tags", "--always", "--abbrev=8") if commit else "", commit


def _git(root: Path, *arguments: str) -> str:
    # It may not look above the root, where `.git` is none that it can use.
    ceiling = {"GIT_CEILING_DIRECTORIES": str(root.resolve().parent)}
    try:
        done = run_git(root, *arguments, environment=ceiling)
    except OSError:
        return ""  # no git here, no answer, or a path that is too long for it
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def _package_version(root: Path, package: str) -> str:
    if not package:
        return ""
    return _pyproject_version(root / "pyproject.toml", package) or next(
        _installed_versions(root, package), ""
    )


def _pyproject_version(path: Path, package: str) -> str:
    try:
        project = load_toml(read_text(path, TABLE)).get("project", {})
    except (OSError, ValueError):
        return ""
    named = isinstance(project, dict) and _normal(str(project.get("name", ""))) == _normal(package)
    return str(project.get("version", "")) if named else ""


def _installed_versions(root: Path, package: str) -> Iterator[str]:
    """Versions of `<name>-<version>.dist-info` beside the package, as in site-packages."""
    for folder in sorted(root.glob("*.dist-info")):
        name, _, version = folder.name.removesuffix(".dist-info").partition("-")
        if _normal(name) == _normal(package):
            yield version


def _normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _shapes(root: Path, system: System, layout: Layout) -> Iterator[str]:
    for shape in system.shapes:
        if any(holds(root / layout.there(path), shape.defines) for path in shape.paths):
            yield shape.label
