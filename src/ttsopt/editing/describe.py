"""Edits in a few plain words."""

from __future__ import annotations

from ttsopt.domain.edits import (
    AddFile,
    AnyOf,
    Decorate,
    Delete,
    EnsureImport,
    Insert,
    Replace,
    SetArgument,
    SetConstant,
    SetDefault,
    SetToml,
    SetYaml,
)
from ttsopt.domain.patch import Edit


def describe(edit: Edit) -> str:
    """An edit in a few plain words."""
    if isinstance(edit, AnyOf):
        return " or ".join(describe(variant) for variant in edit.variants)
    return _words(edit) + (f" in {edit.scope}" if edit.scope else "")


def looked_for(edit: Edit) -> str:  # noqa: C901 - one line an edit
    """The construct that an edit looks for, as the patch has it."""
    match edit:
        case Replace() | Delete():
            return edit.pattern
        case Insert():
            return " or ".join(edit.anchors)
        case Decorate():
            return f"the definition of {edit.scope}"
        case SetConstant() | SetDefault():
            return f"{edit.name} = {' or '.join(edit.old)}"
        case SetArgument():
            return f"{edit.name}={' or '.join(edit.old)} in {edit.call}"
        case SetYaml() | SetToml():
            return f"{edit.key}: {' or '.join(edit.old)}"
        case EnsureImport():
            return edit.statement
        case AnyOf():
            return " or ".join(looked_for(variant) for variant in edit.variants)
    raise TypeError(edit)


def _words(edit: Edit) -> str:  # noqa: C901, PLR0911 - one line an edit
    match edit:
        case Replace(is_condition=True):
            return f"find {_short(edit.pattern)}"
        case Replace():
            return f"replace {_short(edit.pattern)} with {_short(edit.replacement)}"
        case Insert():
            return f"insert {_short(edit.code)} {edit.place} {_short(edit.anchors[0])}"
        case Delete():
            return f"delete {_short(edit.pattern)}"
        case Decorate():
            return f"put `@{edit.decorator}` above the definition"
        case SetConstant():
            return f"set {edit.name} to {edit.new}"
        case SetDefault():
            return f"set the default of {edit.name} to {edit.new}"
        case SetArgument():
            return f"set {edit.name}={edit.new} in {_short(edit.call)}"
        case SetYaml() | SetToml():
            return f"set {edit.key} to {edit.new}"
        case EnsureImport():
            return f"have `{edit.statement}`"
        case AddFile():
            return f"add {edit.helper} and import {', '.join(edit.names)} from it"
    raise TypeError(edit)


def _short(code: str) -> str:
    first, *rest = code.strip().splitlines() or [""]
    return f"`{first.strip()}{' …' if rest else ''}`"
