"""The words for how a patched file stands, and what its bytes alone say of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.checkout.fs.files import read_if_there
from ttsopt.errors import CannotRunError, RefusedError

if TYPE_CHECKING:
    from ttsopt.checkout.state.location import Checkout
    from ttsopt.domain.journal import JournalFile


class FileState(Enum):
    """`APPLIED`: as ttsopt left it. `EDITED`: so, and changed since by somebody else. `MISSING`: not there.

    `DRIFTED`: nothing of any patch is in it: the original again, or another version of upstream's.
    `UPSTREAMED`: drifted, and the version that is there has of itself what the patch would make.
    `UNREACHABLE`: behind a link that was not there, unreadable, or gone with its whole folder: it may be patched.
    """

    APPLIED = "applied"
    DRIFTED = "drifted"
    EDITED = "edited"
    MISSING = "missing"
    UPSTREAMED = "upstreamed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Found:
    """The bytes in a patched file's place, None where there is no file; why it cannot be reached, else empty."""

    data: bytes | None
    unreachable: str = ""


def state_by_hash(file: JournalFile, now: str) -> FileState:
    """Compare the hash of a file's bytes (empty where it is not there) with the journal's record of it."""
    if now == file.written_sha256:
        return FileState.APPLIED
    if now == file.original_sha256:
        return FileState.DRIFTED
    return FileState.EDITED if now else FileState.MISSING


def look(checkout: Checkout, path: str, real: str | None = None) -> Found:
    """Read what is in the place of a patched file (by its path from the top).

    A folder there is no file. `real` is where the path led when the file was patched, if known: a link that was
    put into it since leads to another file, and the patched one lies somewhere else.
    """
    try:
        place = checkout.locate(path)
        if real is not None and place != checkout.top / real:
            return Found(None, _why_elsewhere(checkout, path, real))
        return Found(None if place.is_dir() else read_if_there(place))
    except RefusedError:
        return Found(None, _why_elsewhere(checkout, path, path))
    except CannotRunError as error:
        return Found(None, error.message)
    except (OSError, RuntimeError) as error:  # the latter: links in a circle, up to Python 3.12
        return Found(None, f"it cannot be read: {error}")


def bytes_there(checkout: Checkout, path: str) -> bytes | None:
    """Return the bytes of a patched file (by its path from the top); None if it is not there, or out of reach."""
    return look(checkout, path).data


def _why_elsewhere(checkout: Checkout, path: str, real: str) -> str:
    """Name the link in a path, where one is to blame."""
    parts = Path(path).parts
    above = (checkout.top.joinpath(*parts[: count + 1]) for count in range(len(parts)))
    link = next((place for place in above if place.is_symlink()), None)
    if link is None or real != path:
        return f"it was patched as {checkout.top / real}, and its path leads elsewhere now"
    return f"{link} is a link, and was none when the file was patched"
