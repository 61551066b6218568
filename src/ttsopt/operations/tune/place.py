"""Place and name of a study: whatever changes a figure makes it another one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import urlsplit

from ttsopt.bench.run.snapshot import fingerprint_tree
from ttsopt.boundary.reading import read_bytes
from ttsopt.checkout.fs.files import make_folders, sha256
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.ownership import own_folder_of
from ttsopt.domain.model_files import ChosenWeights
from ttsopt.environment.device import device_at_hand
from ttsopt.environment.machine import fingerprint_machine
from ttsopt.environment.nvidia import read_nvidia
from ttsopt.errors import UsageError
from ttsopt.operations.bench.run import Bench
from ttsopt.operations.tune.model import Files, TuneSpec
from ttsopt.operations.tune.study import Place

DATABASE, LIST, REPORT = "tune.sqlite3", "tuned.toml", "tuned.md"
SERVER = "postgresql://"
SPECIAL = frozenset("?{}")  # what SQLAlchemy and Optuna read as something else in a URL
# Options of a benchmark that change how long or where it is measured, and no figure.
NO_FIGURE = {"python", "order_seed", "budget", "least", "most", "always", "earlier", "worth"} | {
    "time_limit",
    "chosen",
    "limits",
}
FORMAT = 2  # of outcomes: a study of another one is not read


def place_of(spec: TuneSpec, files: Files) -> Place:
    """Return where the study lies."""
    if files.database is None:
        url = spec.storage.replace(SERVER, "postgresql+psycopg://", 1)
        return Place(url, None, _without_password(spec.storage), spec.heartbeat, spec.grace)
    label = str(files.database)
    return Place(f"sqlite:///{label}", files.database, label, spec.heartbeat, spec.grace)


def files_of(checkout: Checkout, spec: TuneSpec, save: Path | None, report: Path | None) -> Files:
    """Return which files a tuned checkout has; those that are not named are in the user's state folder.

    Raises:
        UsageError: A URL of another kind, or a path that no URL can hold.
        CannotRunError, RefusedError: That folder cannot be made, or others may write in it.
    """
    folder = own_folder_of(checkout.top)
    make_folders(folder, private=True)
    if "://" in spec.storage and not spec.storage.startswith(SERVER):
        message = f"--storage {_without_password(spec.storage)}: that is no storage of ttsopt's"
        raise UsageError("bad-storage", message, f"A file, or {SERVER}USER@HOST/DATABASE.")
    database = Path(spec.storage).absolute() if spec.storage else folder / DATABASE
    is_server = spec.storage.startswith(SERVER)
    if not is_server and not SPECIAL.isdisjoint(str(database)):
        message = (
            f"--storage {database}: a path with {' '.join(sorted(SPECIAL))} is none for Optuna"
        )
        raise UsageError("bad-storage", message, "Name another file.")
    return Files(
        None if is_server else database,
        (save or folder / LIST).absolute(),
        (report or folder / REPORT).absolute(),
        is_own_list=save is None,
    )


def _without_password(url: str) -> str:
    """The URL as it may be printed: without the password, and without options, which may hold one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return SERVER
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{host}{port}{parts.path}"


def study_name(ready: Bench) -> str:
    """Return the name of the study of this checkout, catalogue, machine, torch and benchmark."""
    text = json.dumps(fingerprint(ready), sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"ttsopt-{ready.found.system.id}-{digest[:24]}"


def fingerprint(ready: Bench) -> dict[str, object]:
    """Return all that a figure depends on, as far as ttsopt knows it."""
    found, located = ready.found, ready.planned.located
    root = located.checkout.directory / found.root
    machine = asdict(replace(fingerprint_machine(), python="", memory_bytes=0, usable_cores=0))
    patches = [patch for patch in located.catalogue.patches if patch.system == found.system.id]
    return {
        "format": FORMAT,
        "tree": fingerprint_tree(root, found.layout.copy),
        "root": found.root,
        "patches": {patch.id: sha256(repr(patch).encode()) for patch in patches},
        "workload": sha256(repr(sorted(_workload(ready.workload.file))).encode()),
        "machine": machine,
        "device": str(device_at_hand()),
        "gpus": [[gpu.name, gpu.driver, gpu.memory] for gpu in read_nvidia().gpus],
        "python": ready.probe.python,
        "packages": dict(ready.probe.packages),
        "spoken": _spoken(ready),
    }


def _workload(file: Path) -> list[tuple[str, str]]:
    folder = file.with_suffix("")
    files = [file, *(folder.glob("*.py") if folder.is_dir() else ())]
    return [(one.name, sha256(read_bytes(one))) for one in files]


def _spoken(ready: Bench) -> dict[str, object]:
    """The options that change what is measured; of weights which files are real."""
    spec = ready.spec
    options = asdict(replace(spec, chosen=ChosenWeights()))
    real = [row.component.name for row in spec.chosen.real]
    voice = sha256(read_bytes(spec.prompt_audio)) if spec.prompt_audio else ""
    told = {name: options[name] for name in options if name not in NO_FIGURE}
    return told | {"real": real, "prompt_audio": voice}
