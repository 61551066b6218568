"""Plans and makes the download of missing files: room on the disk first, checksums afterwards."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.reading import amount, open_regular
from ttsopt.domain.model_files import CACHE, Component, FoundComponent, ModelFile
from ttsopt.errors import CannotRunError
from ttsopt.weights.hubs import BLOB, Hub, Remote, repository_of

SPARE = 2**28  # bytes to leave free
MEGABYTE = 10**6


@dataclass(frozen=True, slots=True)
class Fetch:
    """A file to download into `folder`; None: into the hub's cache."""

    component: Component
    file: ModelFile
    folder: Path | None
    remote: Remote

    @property
    def is_exact(self) -> bool:
        """True if the hub said how large it is."""
        return self.remote.size is not None

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.file.megabytes * MEGABYTE) if self.remote.size is None else self.remote.size


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was downloaded; `checked`: its SHA-256 or git's id is the hub's."""

    fetch: Fetch
    at: Path
    checked: bool


Tell = Callable[[int, int, Fetch], None]


def target_folder(component: Component, root: Path) -> Path | None:
    """The folder that a download fills; None: the hub's cache."""
    first = next(iter(component.folders), CACHE)
    return None if first == CACHE else root / first


def plan_fetches(components: Iterable[FoundComponent], root: Path, hub: Hub) -> tuple[Fetch, ...]:
    """The missing files of components that the hub has, each with what the hub says of it.

    Raises:
        CannotRunError: `hub-failed`.
    """
    return tuple(_planned(components, root, hub.name, hub.remote))


def guess_fetches(components: Iterable[FoundComponent], root: Path, hub: str) -> tuple[Fetch, ...]:
    """The same without asking a hub: of sizes it is known what they are about."""
    return tuple(_planned(components, root, hub, lambda *_: Remote(None)))


def _planned(
    components: Iterable[FoundComponent],
    root: Path,
    hub: str,
    remote: Callable[[str, str], Remote],
) -> Iterator[Fetch]:
    for row in components:
        repository, folder = repository_of(row.component, hub), target_folder(row.component, root)
        for found in row.missing if repository else ():
            told = remote(repository, found.file.published)
            yield Fetch(row.component, found.file, folder, told)


def check_room(fetches: Sequence[Fetch], cache: Path) -> None:
    """See that every disk has room for what goes there.

    Raises:
        CannotRunError: `no-room`.
    """
    wanted: dict[Path, int] = {}
    for fetch in fetches:
        folder = _existing(fetch.folder or cache)
        wanted[folder] = wanted.get(folder, 0) + fetch.size
    by_disk: dict[int, list[Path]] = {}
    for folder in wanted:
        by_disk.setdefault(folder.stat().st_dev, []).append(folder)
    for folders in by_disk.values():
        needed, free = sum(wanted[row] for row in folders), shutil.disk_usage(folders[0]).free
        if needed + SPARE > free:
            message = f"{folders[0]}: {amount(needed)} are to come, and {amount(free)} are free"
            raise CannotRunError("no-room", message, "Make room, or choose one --model.")


def fetch_all(fetches: Sequence[Fetch], hub: Hub, tell: Tell) -> tuple[Fetched, ...]:
    """Download one file after the other; `tell` is called before each.

    What is complete stays: the same call again goes on behind it.

    Raises:
        CannotRunError: `hub-failed`, or `bad-checksum`: the file is removed.
    """
    done = []
    for number, fetch in enumerate(fetches, start=1):
        tell(number, len(fetches), fetch)
        repository = repository_of(fetch.component, hub.name)
        at = hub.download(repository, fetch.file.published, fetch.folder)
        done.append(Fetched(fetch, at, _checked(fetch, at)))
    return tuple(done)


def _checked(fetch: Fetch, at: Path) -> bool:
    """True if there was a checksum, and it is right; size and digest of the hub, digest of the catalogue."""
    size = at.stat().st_size
    if fetch.remote.size is not None and size != fetch.remote.size:
        raise _bad(fetch, at, f"it has {size} bytes, not {fetch.remote.size}")
    digests = [row for row in (fetch.remote.digest, fetch.file.sha256) if row]
    for digest in digests:
        if digest_of(at, is_blob=len(digest) == BLOB) != digest.lower():
            raise _bad(fetch, at, f"its checksum is not {digest}")
    return bool(digests)


def digest_of(file: Path, *, is_blob: bool) -> str:
    """SHA-256 of a file in hex, or git's id of it, which is a SHA-1."""
    digest = hashlib.sha1(usedforsecurity=False) if is_blob else hashlib.sha256()
    if is_blob:
        digest.update(b"blob %d\0" % file.stat().st_size)
    with open_regular(file) as opened:
        while block := opened.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _bad(fetch: Fetch, at: Path, why: str) -> CannotRunError:
    at.resolve().unlink(missing_ok=True)
    at.unlink(missing_ok=True)
    message = f"{fetch.file.published} did not arrive whole: {why}; it was removed"
    return CannotRunError("bad-checksum", message, "Run the same command again.")


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(row for row in (folder, *folder.parents) if row.is_dir())
