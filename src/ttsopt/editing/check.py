"""The code in a patch's edits, checked before any file is there: the door to the checks of all operations."""

from __future__ import annotations

from ttsopt.domain.patch import Edit
from ttsopt.editing.checking import WrongCode, told
from ttsopt.editing.config.operations import CONFIG_OPERATIONS
from ttsopt.editing.config.text import key_parts
from ttsopt.editing.python.operations import PYTHON_OPERATIONS


def check_code(edit: Edit) -> WrongCode:
    """Yield the keys of an edit whose code is none, and why.

    Nothing for a helper, which is checked where it is read, and for variants, which are edits of their own.
    """
    operation = PYTHON_OPERATIONS.get(type(edit)) or CONFIG_OPERATIONS.get(type(edit))
    if operation:
        yield from operation.check(edit)


def check_key(key: str, text: str) -> WrongCode:
    """Yield why a text is no dotted key."""
    yield from told(key, key_parts, text)
