"""Originals by their hash: `.ttsopt/originals/<sha256>`, and what the user's state folder has of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from ttsopt.checkout.fs.files import read_if_there, sha256
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.state_files import put, put_originals, writing
from ttsopt.errors import CannotRunError, RefusedError

ORIGINALS = "originals"
IGNORE_ALL = b"*\n"


def open_store(checkout: Checkout) -> None:
    """Make the folders, and have git overlook them.

    Raises:
        CannotRunError: They cannot be made.
        RefusedError: One is a link.
    """
    with writing(checkout.state / ORIGINALS):
        pass
    if read_if_there(checkout.state / ".gitignore") != IGNORE_ALL:
        with writing(checkout.state) as folder:
            put(folder, ".gitignore", IGNORE_ALL, 0o644, durable=False)


def keep_all(
    checkout: Checkout, texts: Iterable[bytes | None], private: Collection[str] = ()
) -> None:
    """Store the bytes of many files; one that is stored, but damaged, is stored anew.

    `private`: the hashes of those that not everybody may read.

    Raises:
        CannotRunError, RefusedError: As `open_store`.
    """
    originals = {sha256(data): data for data in texts if data is not None}
    with writing(checkout.state / ORIGINALS) as folder:
        put_originals(folder, originals, private, again=True)


def fetch(checkout: Checkout, name: str) -> bytes | None:
    """Stored bytes, checked against their hash; None for the empty hash of a file that was not there.

    Raises:
        RefusedError: They are gone, or not what they were, in the checkout and in the user's state folder.
    """
    if not name:
        return None
    path = checkout.state / ORIGINALS / name
    data = read_if_there(path)
    if data is not None and sha256(data) == name:
        return data
    copied = _copied(checkout.copy / ORIGINALS / name)
    if copied is not None and sha256(copied) == name:
        return copied
    raise _lost(path) if data is None else _damaged(path)


def is_empty(checkout: Checkout) -> bool:
    """Return True if no original is stored."""
    return not any((checkout.state / ORIGINALS).glob("*"))


def forget_all_but(checkout: Checkout, names: Collection[str]) -> None:
    """Delete what no record needs any more.

    Raises:
        CannotRunError, RefusedError: As `open_store`.
    """
    with writing(checkout.state / ORIGINALS) as folder:
        for name in folder.names():
            if name not in names:
                folder.unlink(name)
        if not names:
            # What is gone from here has to stay gone when the journal that says so is deleted next.
            folder.sync()


def _copied(path: Path) -> bytes | None:
    try:
        return read_if_there(path)
    except (CannotRunError, RefusedError):  # the first one is what the user has to hear of
        return None


def _lost(path: Path) -> RefusedError:
    hint = "If the checkout is under git, `git checkout -- FILE` brings the original back."
    return RefusedError(
        "lost-original", f"the original {path.name[:12]} is not in {path.parent}", hint
    )


def _damaged(path: Path) -> RefusedError:
    return RefusedError(
        "damaged-original",
        f"{path} is not what was stored",
        "`ttsopt restore` puts back the files whose originals are whole, and names the others.",
    )
