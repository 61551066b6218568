"""Model hubs, each through its own client: imported when it is used, and never before."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ttsopt.domain.model_files import Component
from ttsopt.errors import CannotRunError

HUGGINGFACE, MODELSCOPE = "huggingface", "modelscope"
CLIENTS = {HUGGINGFACE: "huggingface_hub", MODELSCOPE: "modelscope"}
SHA256, BLOB = 64, 40  # letters in hex of a SHA-256, and of git's id of a blob


@dataclass(frozen=True, slots=True)
class Remote:
    """A published file: its size in bytes, None if the hub does not say; its SHA-256 or git's id, if it does."""

    size: int | None
    digest: str = ""


class Hub(Protocol):
    """A hub as far as a download needs it. Whatever goes wrong is a CannotRunError `hub-failed`."""

    @property
    def name(self) -> str:
        """Its word on the command line."""
        ...

    def remote(self, repository: str, path: str) -> Remote:
        """Ask for size and digest of a file."""
        ...

    def download(self, repository: str, path: str, folder: Path | None) -> Path:
        """Fetch a file into a folder, or with None into the hub's cache; go on where an earlier download ended."""
        ...


def is_installed(hub: str) -> bool:
    """True if the client of a hub can be imported."""
    return importlib.util.find_spec(CLIENTS[hub]) is not None


def repository_of(component: Component, hub: str) -> str:
    """The id of a component on a hub; empty where it is not there."""
    return component.huggingface if hub == HUGGINGFACE else component.modelscope


def open_hub(hub: str, *, quiet: bool) -> Hub:
    """The hub of that name; `quiet`: no progress bars.

    Raises:
        CannotRunError: `no-client`: its client is not installed, or cannot be imported.
    """
    # Read by tqdm and by modelscope's logger as they are imported.
    if quiet:
        os.environ["TQDM_DISABLE"] = "1"
    os.environ.setdefault("MODELSCOPE_LOG_LEVEL", "40")
    try:
        return _HuggingFace() if hub == HUGGINGFACE else _ModelScope()
    except ImportError as error:
        message = f"{CLIENTS[hub]} cannot be imported: {error}"
        raise CannotRunError("no-client", message, 'pip install "ttsopt[models]"') from error


class _HuggingFace:
    """huggingface_hub; HF_ENDPOINT names another server, HF_HOME another cache."""

    name = HUGGINGFACE

    def __init__(self) -> None:
        self._client: Any = importlib.import_module("huggingface_hub")

    def remote(self, repository: str, path: str) -> Remote:
        try:
            url = self._client.hf_hub_url(repository, path)
            facts = self._client.get_hf_file_metadata(url)
        except Exception as error:
            raise _failed(self.name, repository, path, error) from error
        etag = str(facts.etag or "")
        return Remote(facts.size, etag if len(etag) in {SHA256, BLOB} else "")

    def download(self, repository: str, path: str, folder: Path | None) -> Path:
        where = {} if folder is None else {"local_dir": str(folder)}
        try:
            return Path(self._client.hf_hub_download(repository, path, **where))
        except Exception as error:
            raise _failed(self.name, repository, path, error) from error


@dataclass(slots=True)
class _ModelScope:
    """modelscope; MODELSCOPE_DOMAIN or MODELSCOPE_ENDPOINT name another server, MODELSCOPE_CACHE another cache."""

    name: str = MODELSCOPE
    listed: dict[str, Mapping[str, Remote]] = field(default_factory=dict)
    files: Any = field(init=False)

    def __post_init__(self) -> None:
        self.files = importlib.import_module("modelscope.hub.file_download")

    def remote(self, repository: str, path: str) -> Remote:
        try:
            if repository not in self.listed:
                self.listed[repository] = _listing(repository)
        except Exception as error:
            raise _failed(self.name, repository, path, error) from error
        found = self.listed[repository].get(path)
        if found is None:
            raise _failed(self.name, repository, path, FileNotFoundError("it is not listed there"))
        return found

    def download(self, repository: str, path: str, folder: Path | None) -> Path:
        where = {} if folder is None else {"local_dir": str(folder)}
        try:
            return Path(self.files.model_file_download(repository, path, **where))
        except Exception as error:
            raise _failed(self.name, repository, path, error) from error


def _listing(repository: str) -> dict[str, Remote]:
    """Every file of a repository; modelscope since 1.38 says checksums through modelscope_hub alone."""
    if importlib.util.find_spec("modelscope_hub"):
        api = importlib.import_module("modelscope_hub").HubApi()
        listed = api.list_repo_files(repository, "model", recursive=True)
        rows = [{"Path": row.path, "Size": row.size, "Sha256": row.sha256} for row in listed]
    else:
        api = importlib.import_module("modelscope.hub.api").HubApi()
        rows = api.get_model_files(repository, recursive=True)
    return {str(row["Path"]): _listed(row) for row in rows}


def _listed(row: Mapping[str, Any]) -> Remote:
    size, digest = row.get("Size"), str(row.get("Sha256") or "")
    return Remote(size if isinstance(size, int) else None, digest if len(digest) == SHA256 else "")


def _failed(hub: str, repository: str, path: str, error: Exception) -> CannotRunError:
    first = next(iter(str(error).splitlines()), "") or "it said nothing"
    message = f"{hub}: {repository}/{path}: {type(error).__name__}: {first}"
    hint = "The same command goes on where this one ended; `ttsopt models` says what to copy where by hand."
    return CannotRunError("hub-failed", message, hint)
