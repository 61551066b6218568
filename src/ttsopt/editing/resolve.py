"""From a file's bytes and a patch's edits to the splices that make them, or to the reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from ttsopt.domain.edits import AnyOf
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import Status
from ttsopt.editing.languages import is_config
from ttsopt.editing.resolution import Resolution

__all__ = ["Resolution", "holds_anchor", "resolve"]

PREFERRED = (Status.APPLIED, Status.ALREADY, Status.REFUSED, Status.ABSENT)


class Resolver(Protocol):
    """Resolves edits of one language, none of them an `AnyOf`."""

    def __call__(self, path: str, raw: bytes, edits: Sequence[Edit], /) -> Resolution: ...


def resolve(path: str, raw: bytes, edits: Sequence[Edit], *, explain: bool = False) -> Resolution:
    """Resolve edits against a file's original bytes. No edit sees what another one puts in.

    An `AnyOf` answers as its first variant that applies, else as the first that is made already, else as the
    first that is refused. `explain` looks in a Python file for what is most like a construct that is not there,
    also where no edit of the file fits.

    Raises:
        UnparsableError: The file is not of the language that its name says.
        PatternError: An edit is not one for such a file, or is wrong in itself.
    """
    resolver = _resolver(path)
    chosen = [_chosen(resolver, path, raw, edit) for edit in edits]
    resolution = resolver(path, raw, chosen)
    if not explain or is_config(path):
        return resolution
    from ttsopt.editing.python.resolve import with_nearest

    return replace(resolution, answers=with_nearest(raw, chosen, resolution.answers))


def holds_anchor(path: str, raw: bytes, anchor: str) -> bool:
    """Return True if a file holds an exact definition `class Name` or `def name`; a config file: a dotted key.

    Raises:
        UnparsableError: The file is not of the language that its name says.
    """
    if is_config(path):
        from ttsopt.editing.config.resolve import holds_key

        return holds_key(path, raw, anchor)
    from ttsopt.editing.python.resolve import holds_definition

    return holds_definition(raw, anchor)


def _resolver(path: str) -> Resolver:
    if is_config(path):
        from ttsopt.editing.config.resolve import resolve_config

        return resolve_config
    from ttsopt.editing.python.resolve import resolve_python

    return resolve_python


def _chosen(resolver: Resolver, path: str, raw: bytes, edit: Edit) -> Edit:
    """The variant that speaks for an `AnyOf`; any other edit is itself."""
    if not isinstance(edit, AnyOf):
        return edit
    variants = [_chosen(resolver, path, raw, variant) for variant in edit.variants]
    answers = [resolver(path, raw, [variant]).answers[0] for variant in variants]
    order = [PREFERRED.index(answer.status) for answer in answers]
    return variants[order.index(min(order))]
