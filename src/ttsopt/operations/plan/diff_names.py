"""Which files of a checkout the names in a diff stand for."""

from __future__ import annotations

from collections.abc import Sequence

from ttsopt.domain.plan import Fate
from ttsopt.editing.unified.file_diff import FileDiff
from ttsopt.operations.plan.baseline import Baseline


def settle_names(baseline: Baseline, diffs: Sequence[FileDiff]) -> list[FileDiff]:
    """The diffs with the paths that this checkout has, and one name for a file that is not renamed."""
    bare = [diff.without_prefix() for diff in diffs]
    taken = bare if _is_bare(baseline, diffs, bare) else diffs
    return [_with_one_name(baseline, diff) for diff in taken]


def _is_bare(baseline: Baseline, diffs: Sequence[FileDiff], bare: Sequence[FileDiff]) -> bool:
    def some_there(rows: Sequence[FileDiff]) -> bool:
        names = {
            name
            for row in rows
            if row.fate is not Fate.CREATED
            for name in (row.source, row.target)
        }
        return any(is_there(baseline, name) for name in names)

    if some_there(diffs):
        return False
    if some_there(bare):
        return True
    # New files alone: a first folder that the checkout has, and that is none of git's prefixes, is no prefix.
    first = {row.target.partition("/")[0] for row in bare if "/" in row.target}
    folders = [baseline.checkout.directory / name for name in first - {"a", "b"}]
    only_new = all(row.fate is Fate.CREATED for row in diffs)
    return only_new and bool(folders) and all(folder.is_dir() for folder in folders)


def _with_one_name(baseline: Baseline, diff: FileDiff) -> FileDiff:
    """Of two names for one file, the one that is there; of two such, the shorter, as GNU patch has it."""
    if diff.renames or diff.source == diff.target:
        return diff
    names = sorted({diff.source, diff.target}, key=lambda name: (name.count("/"), len(name), name))
    name = next((name for name in names if is_there(baseline, name)), diff.target)
    return diff.named(name)


def is_there(baseline: Baseline, path: str) -> bool:
    """Return True if there was such a file before any patch; `path` is from the folder that was asked about."""
    return baseline.original(baseline.checkout.from_top(path)) is not None
