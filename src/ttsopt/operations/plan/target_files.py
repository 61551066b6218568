"""Which file of a checkout a patch means: paths in their order, then globs, told by an exact definition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ttsopt.discovery.definitions import is_file
from ttsopt.discovery.walk import files_matching
from ttsopt.domain.patch import Base, FileTarget
from ttsopt.domain.system import FoundSystem
from ttsopt.editing.resolve import holds_anchor
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.baseline import Baseline


def find_target(baseline: Baseline, found: FoundSystem, target: FileTarget) -> str | None:
    """The path of the target's file, from the folder that was asked about; None where there is none.

    Raises:
        RefusedError: Several files that a glob finds hold the definition.
        CannotRunError: A file cannot be read.
        UnparsableError: A file cannot be parsed.
    """
    for path in _plain(baseline, found, target):
        if _is_target(baseline, path, target):
            return path
    fitting = [
        path for path in _globbed(baseline, found, target) if _is_target(baseline, path, target)
    ]
    if len(fitting) > 1:
        message = (
            f"several files hold {target.anchor or 'what is looked for'}: {', '.join(fitting)}"
        )
        hint = "Name the folder that one of them is in as the checkout, or keep one copy."
        raise RefusedError("ambiguous-file", message, hint)
    return fitting[0] if fitting else None


def path_to_name(baseline: Baseline, found: FoundSystem, target: FileTarget) -> str:
    """The path to speak of: the first that is there, else the first of the list."""
    plain = list(_plain(baseline, found, target))
    there = (path for path in plain if is_file(baseline.checkout.directory / path))
    return next(there, (plain or list(target.paths))[0])


def base_folder(baseline: Baseline, found: FoundSystem, base: Base) -> Path:
    """What paths of a patch are relative to, in the real tree."""
    checkout = baseline.checkout
    return checkout.top if base is Base.CHECKOUT else checkout.directory / found.root


def _plain(baseline: Baseline, found: FoundSystem, target: FileTarget) -> Iterator[str]:
    return (
        _from_directory(baseline, found, target, path)
        for path in target.paths
        if not _is_glob(path)
    )


def _globbed(baseline: Baseline, found: FoundSystem, target: FileTarget) -> list[str]:
    folder = base_folder(baseline, found, target.base)
    matching = (
        path for glob in target.paths if _is_glob(glob) for path in files_matching(folder, glob)
    )
    return [_from_directory(baseline, found, target, path) for path in dict.fromkeys(matching)]


def _is_target(baseline: Baseline, path: str, target: FileTarget) -> bool:
    top = baseline.checkout.from_top(path)
    if not is_file(baseline.checkout.top / top):
        return False
    raw = baseline.original(top)
    return raw is not None and (not target.anchor or holds_anchor(path, raw, target.anchor))


def _from_directory(baseline: Baseline, found: FoundSystem, target: FileTarget, path: str) -> str:
    if target.base is Base.CHECKOUT:
        return baseline.checkout.from_directory(path)
    return (Path(found.root) / path).as_posix()


def _is_glob(path: str) -> bool:
    return "*" in path
