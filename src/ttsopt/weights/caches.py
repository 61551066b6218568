"""Where the caches of model hubs keep a file of a published repository."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from ttsopt.boundary.reading import read_bytes

MOST_REVISIONS = 50
_MOST_BYTES = 200  # a commit's id in hex, and a line end


def huggingface_caches(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """The folders that huggingface_hub may have its cache in: of the variables, else the default one."""
    named = [
        environ[name] for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") if environ.get(name)
    ]
    if environ.get("HF_HOME"):
        named.append(str(Path(environ["HF_HOME"], "hub")))
    cache = environ.get("XDG_CACHE_HOME") or home / ".cache"
    return _absolute(*named, Path(cache, "huggingface", "hub"))


def modelscope_caches(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """The folders that modelscope may have its cache in; until version 1.37 it was `hub` in there."""
    cache = environ.get("XDG_CACHE_HOME") or home / ".cache"
    bases = _absolute(environ.get("MODELSCOPE_CACHE", ""), Path(cache, "modelscope"))
    return tuple(folder for base in bases for folder in (base, base / "hub"))


def in_huggingface(cache: Path, repository: str, path: str) -> Iterator[Path]:
    """The paths that a file may have in a cache of huggingface_hub, the revision of `main` first."""
    home = cache / f"models--{repository.replace('/', '--')}"
    for revision in _revisions(home):
        yield home / "snapshots" / revision / path


def in_modelscope(cache: Path, repository: str, path: str) -> Iterator[Path]:
    """The paths that a file may have in a cache of modelscope, as its versions lay it out."""
    owner, _, name = repository.partition("/")
    home = cache / "models" / f"{owner}--{name}"
    for revision in _revisions(home):
        yield home / "snapshots" / revision / path
    for spelled in (name, name.replace(".", "___")):
        yield cache / "models" / owner / spelled / path
        yield cache / owner / spelled / path


def _revisions(home: Path) -> Iterator[str]:
    main = _main(home)
    if main:
        yield main
    try:
        found = sorted(islice((home / "snapshots").iterdir(), MOST_REVISIONS))
    except OSError:
        return
    yield from (folder.name for folder in found if folder.name != main)


def _main(home: Path) -> str:
    try:
        named = read_bytes(home / "refs" / "main", _MOST_BYTES).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return named if named.isalnum() else ""


def _absolute(*folders: str | Path) -> tuple[Path, ...]:
    """Those that are named by an absolute path, each once."""
    paths = (Path(folder).expanduser() for folder in folders if str(folder))
    return tuple(dict.fromkeys(path for path in paths if path.is_absolute()))
