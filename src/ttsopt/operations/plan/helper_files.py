"""Helper modules that a patch lays beside the file that uses them, and how that file imports them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ttsopt.catalog.helpers import needs
from ttsopt.domain.blob_id import blob_id
from ttsopt.domain.edits import AddFile, EnsureImport
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import Fate, PlannedFile, Splice
from ttsopt.domain.system import FoundSystem
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.helper_imports import import_form


@dataclass(frozen=True, slots=True)
class HelperFile:
    """A helper's name in the patch, its path from the folder that was asked about, and the import it needs."""

    name: str
    path: str
    needed_import: EnsureImport


def helper_file(baseline: Baseline, found: FoundSystem, user: str, edit: AddFile) -> HelperFile:
    """Return where a helper goes, and how `user`, the file that needs it, imports it from there.

    Raises:
        CannotRunError, RefusedError, UnparsableError: As `import_form`.
    """
    path = (PurePosixPath(user).parent / edit.helper).as_posix()
    module = PurePosixPath(edit.helper).stem
    form = import_form(baseline, found, user, module)
    statement = form.statement(module, edit.names)
    needed = EnsureImport(statement=statement, line=form.line, optional=edit.optional)
    return HelperFile(edit.helper, path, needed)


def laid_out(baseline: Baseline, helper: HelperFile, patch: Patch) -> Iterator[PlannedFile]:
    """Yield the file to create and those of the helpers that it imports, but for what the checkout has of its own.

    Raises:
        RefusedError: There is another file of that name.
    """
    folder = PurePosixPath(helper.path).parent
    for name in _with_needed(helper.name, patch):
        yield from _created(baseline, (folder / name).as_posix(), name, patch)


def _with_needed(name: str, patch: Patch) -> list[str]:
    found = [name]
    for known in found:  # grows meanwhile
        found += [needed for needed in needs(patch.helpers[known]) if needed not in found]
    return found


def _created(baseline: Baseline, path: str, name: str, patch: Patch) -> Iterator[PlannedFile]:
    content = patch.helpers[name]
    there = baseline.original(baseline.checkout.from_top(path))
    if there is None:
        splice = Splice(0, 0, b"", content, patch.rank)
        # The catalogue has parsed it, by the grammar of the oldest Python, and seen that it compiles.
        yield PlannedFile(path, (splice,), fate=Fate.CREATED, proven=blob_id(content))
    elif there != content:
        message = f"beside it is another {name} already than the one that the patch lays out"
        raise RefusedError("file-exists", message, f"Move {path} out of the way, if you can.")
