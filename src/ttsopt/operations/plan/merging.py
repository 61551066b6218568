"""Three versions of a file become one: what somebody made of ttsopt's version, without (or with other) patches."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.editing.compose import ConflictError
from ttsopt.editing.languages import check_parses, is_config
from ttsopt.editing.unparsable import UnparsableError


@dataclass(frozen=True, slots=True)
class Unmerged:
    """Why it cannot be done without somebody's decision, and the line (1-based, 0 where none) that it is about.

    `hint` says what to do where the machine is to blame, and not the file.
    """

    reason: str
    line: int = 0
    hint: str = ""


def merge(
    path: str, *, base: bytes | None, current: bytes | None, target: bytes | None
) -> bytes | Unmerged:
    """Return what `current`, made from `base`, becomes when base becomes `target`.

    A config file goes by its settings where its lines do not fit, and has them in any case.
    """
    if current is None:
        return Unmerged("it is not there")
    if base is None:
        return Unmerged("a patch took it away, and there is another one by now")
    if target is None:
        return Unmerged("a patch laid it out, and it was edited since")
    merged = _merge_text(path, base, current, target)
    if not is_config(path):
        return merged
    return _merge_settings(path, base, current, target, merged)


def force(path: str, *, base: bytes | None, current: bytes, target: bytes | None) -> bytes | None:
    """The same where it cannot be done: what is in the way is as in `target`, and the rest stays."""
    if base is None or target is None:
        return target
    from ttsopt.checkout.upstream.text_merge import UnmergedError, merge_text

    base, wanted = (_with_line_ends_of(current, base, data) for data in (base, target))
    try:
        merged = merge_text(base, current, wanted, favour_target=True)
    except UnmergedError:
        return target  # no text, or no git: then it is the whole file that is in the way
    return target if _why_unparsable(path, merged) else merged


# What merges is imported where it is needed: most files are as ttsopt left them.


def _merge_text(path: str, base: bytes, current: bytes, target: bytes) -> bytes | Unmerged:
    from ttsopt.checkout.upstream.text_merge import UnmergedError, merge_text

    base, target = (_with_line_ends_of(current, base, data) for data in (base, target))
    try:
        merged = merge_text(base, current, target)
    except UnmergedError as error:
        return Unmerged(error.reason, error.line, error.hint)
    broken = _why_unparsable(path, merged)
    if broken and not _why_unparsable(path, current):
        return Unmerged(f"merged, it would be {broken}")
    return merged


def _why_unparsable(path: str, data: bytes) -> str:
    try:
        check_parses(path, data)
    except UnparsableError as error:
        return error.reason
    return ""


def _with_line_ends_of(current: bytes, base: bytes, data: bytes) -> bytes:
    """Where somebody's editor gave the whole file other line ends, that is no change of its lines."""
    lines, crlf = current.count(b"\n"), current.count(b"\r\n")
    if lines and lines == crlf and b"\r" not in base:
        return data.replace(b"\n", b"\r\n")
    if b"\r" not in current and base.count(b"\r\n") == base.count(b"\n"):
        return data.replace(b"\r\n", b"\n")
    return data


def _merge_settings(
    path: str, base: bytes, current: bytes, target: bytes, by_lines: bytes | Unmerged
) -> bytes | Unmerged:
    from ttsopt.editing.config.carry_keys import Held, carry_keys, changed_keys, holds

    try:
        settings = changed_keys(path, base, target)
        if not isinstance(by_lines, Unmerged) and (
            not settings or holds(path, by_lines, base, target) is Held.ALL
        ):
            return by_lines
        return carry_keys(path, current, base, target) if settings else by_lines
    except UnparsableError:
        return by_lines  # then nothing is known of settings
    except ConflictError as error:
        line = current.count(b"\n", 0, error.offset) + 1 if error.offset >= 0 else 0
        return Unmerged(str(error), line)
