"""The operations on Python code, from the modules that describe them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ttsopt.domain.edits import AnyOf
from ttsopt.domain.patch import Edit
from ttsopt.editing.python.decorate import DECORATE
from ttsopt.editing.python.delete import DELETE
from ttsopt.editing.python.elsewhere import Sought
from ttsopt.editing.python.insert import ENSURE_IMPORT, INSERT
from ttsopt.editing.python.operation import Operation
from ttsopt.editing.python.replace import REPLACE
from ttsopt.editing.python.values import SET_ARGUMENT, SET_CONSTANT, SET_DEFAULT

_ALL: tuple[Operation[Any], ...] = (
    REPLACE,
    INSERT,
    DELETE,
    DECORATE,
    SET_CONSTANT,
    SET_DEFAULT,
    SET_ARGUMENT,
    ENSURE_IMPORT,
)
PYTHON_OPERATIONS: Mapping[type[Edit], Operation[Any]] = {one.kind: one for one in _ALL}


def sought_by(edit: Edit) -> Iterator[Sought]:
    """Yield what to look for elsewhere; nothing for what any file may hold.

    Raises:
        PatternError: The edit is wrong in itself.
    """
    if isinstance(edit, AnyOf):
        for variant in edit.variants:
            yield from sought_by(variant)
    elif operation := PYTHON_OPERATIONS.get(type(edit)):
        yield from (sought for sought in operation.sought(edit) if sought.is_told)
