"""The operations of the patch language: for each its keys, the files it is for, and its words.

What an operation finds in a file, and how its code is checked, is the other half: `editing/python/operations.py`
and `editing/config/operations.py`. `tests/editing/test_operations.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

from ttsopt.domain.edits.add_file import AddFile
from ttsopt.domain.edits.any_of import AnyOf
from ttsopt.domain.edits.config import SetToml, SetYaml
from ttsopt.domain.edits.decorate import Decorate
from ttsopt.domain.edits.delete import Delete
from ttsopt.domain.edits.insert import EnsureImport, Insert
from ttsopt.domain.edits.replace import Replace
from ttsopt.domain.edits.values import SetArgument, SetConstant, SetDefault
from ttsopt.domain.patch import Edit

__all__ = [
    "OPERATIONS",
    "AddFile",
    "AnyOf",
    "Decorate",
    "Delete",
    "EnsureImport",
    "Insert",
    "Replace",
    "SetArgument",
    "SetConstant",
    "SetDefault",
    "SetToml",
    "SetYaml",
]

_KINDS: tuple[type[Edit], ...] = (
    Replace,
    Insert,
    Delete,
    Decorate,
    SetConstant,
    SetDefault,
    SetArgument,
    EnsureImport,
    AddFile,
    SetYaml,
    SetToml,
    AnyOf,
)
OPERATIONS: Mapping[str, type[Edit]] = {kind.operation: kind for kind in _KINDS}
