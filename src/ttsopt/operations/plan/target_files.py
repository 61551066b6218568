"""Which file of a checkout a patch means: paths in their order, then globs, told by an exact definition."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ttsopt.discovery.definitions import defines, holds, is_file
from ttsopt.discovery.walk import files_matching
from ttsopt.domain.patch import Base, FileTarget
from ttsopt.domain.system import FoundSystem, System
from ttsopt.editing.languages import is_config
from ttsopt.editing.resolve import holds_anchor
from ttsopt.editing.unparsable import UnparsableError
from ttsopt.errors import RefusedError, TtsoptError
from ttsopt.operations.plan.baseline import Baseline


def find_target(
    baseline: Baseline, found: FoundSystem, target: FileTarget, others: Sequence[FileTarget] = ()
) -> str | None:
    """The path of the target's file, from the folder that was asked about; None where there is none.

    Where the checkout's own entry points import another file with the anchor, and not this one, that is what the
    user runs. `others` are targets of the same patch, whose paths are theirs.

    Raises:
        RefusedError: Several files that a glob finds hold the definition.
        CannotRunError: A file cannot be read.
        UnparsableError: A file cannot be parsed.
    """
    named = _named(baseline, found, target)
    return _imported_instead(baseline, found, target, named, others) or named


def _named(baseline: Baseline, found: FoundSystem, target: FileTarget) -> str | None:
    """The file by the target's own paths."""
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


def _imported_instead(
    baseline: Baseline,
    found: FoundSystem,
    target: FileTarget,
    named: str | None,
    others: Sequence[FileTarget],
) -> str | None:
    """The one file with the anchor that entry points import, unless they import `named`; None for several."""
    if not target.anchor or target.base is not Base.ROOT or is_config(target.paths[0]):
        return None
    there = found.layout.there
    taken = {there(path) for other in (target, *others) for path in other.paths}
    taken |= {there(path) for path in _told(found.system)}
    known = {path.rpartition("/")[2] for path in taken}
    if named is not None and not _has_rival(baseline, named, target, known):
        return None
    points = baseline.entry_points(found)
    reached = dict.fromkeys(path for point in points for path in point.reaches)
    here = {_from_directory(baseline, found, target, path): path for path in reached}
    if named in here:
        return None
    paths = [there(path) for path in target.paths if not _is_glob(path)]
    fitting = [
        path
        for path, below in here.items()
        if below not in taken and _is_near(target, paths, below) and _holds(baseline, path, target)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _has_rival(baseline: Baseline, named: str, target: FileTarget, known: Collection[str]) -> bool:
    """True if an unknown file beside the one that is named has the anchor too: only then does it matter."""
    folder, _, _ = named.rpartition("/")
    texts = baseline.python_texts(baseline.checkout.directory / folder)
    word = target.anchor.rpartition(" ")[2].rpartition(".")[2].encode()
    return any(
        word in text and name not in known and defines(text, target.anchor)
        for name, text in texts.items()
    )


def _is_near(target: FileTarget, paths: Sequence[str], path: str) -> bool:
    """True for a file beside one that the target names; for a class, which is told better, also of its name."""
    folder, _, name = path.rpartition("/")
    named = [one.rpartition("/") for one in paths]
    is_class = target.anchor.startswith("class ") or "." in target.anchor
    return any(folder == above or (is_class and name == last) for above, _, last in named)


def _told(system: System) -> set[str]:
    """Files that are known as they are: another version's own is not the one that was renamed."""
    named = {file.path for layout in system.layouts for file in layout.files}
    return named | {path for shape in system.shapes for path in shape.paths}


def _holds(baseline: Baseline, path: str, target: FileTarget) -> bool:
    """Return True if a file that no patch names is the target; asked of its text first, which most are not."""
    if not holds(baseline.checkout.directory / path, target.anchor):
        return False
    try:
        return _is_target(baseline, path, target)
    except (TtsoptError, UnparsableError):
        return False


def names_it(
    baseline: Baseline, found: FoundSystem, target: FileTarget, paths: Collection[str]
) -> bool:
    """True if a plain path of the target is one of these files."""
    return any(path in paths for path in _plain(baseline, found, target))


def imported_by(baseline: Baseline, found: FoundSystem, target: FileTarget, path: str) -> str:
    """The entry point that brings a file into a target's place; empty where the target names the file itself."""
    named = {*_plain(baseline, found, target), *_globbed(baseline, found, target)}
    if path in named:
        return ""
    points = baseline.entry_points(found)
    return next(
        (
            point.file
            for point in points
            if path in {_from_directory(baseline, found, target, one) for one in point.reaches}
        ),
        "",
    )


def path_to_name(baseline: Baseline, found: FoundSystem, target: FileTarget) -> str:
    """The path to speak of: the first that is there, else the first of the list."""
    plain = list(_plain(baseline, found, target))
    there = (path for path in plain if is_file(baseline.checkout.directory / path))
    return next(there, (plain or list(target.paths))[0])


def base_folder(baseline: Baseline, found: FoundSystem, base: Base) -> Path:
    """Return what paths of a patch are relative to, in the real tree."""
    checkout = baseline.checkout
    return checkout.top if base is Base.CHECKOUT else checkout.directory / found.root


def _plain(baseline: Baseline, found: FoundSystem, target: FileTarget) -> Iterator[str]:
    there = found.layout.there if target.base is Base.ROOT else str
    return (
        _from_directory(baseline, found, target, there(path))
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
