"""Nothing that a process leaves on disk is there for the next: own folders, a restored snapshot, checked weights.

What untimed processes compile (bytecode, kernels of torch and Triton, choices of helpers) is kept, and each later
process gets a copy of it that goes with it. So is that of a server, which is warmed up before it is timed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.worker_environment import BYTECODE, COMPILED, KERNELS, make_folders
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import RESULT, read_bytes
from ttsopt.domain.measurement import Side
from ttsopt.errors import CannotRunError

KEPT = (Task.PREPARE, Task.TRACE, Task.FILL, Task.SERVE)
State = dict[str, tuple[object, ...]]


@contextlib.contextmanager
def isolated(job: WorkerJob) -> Iterator[Path]:
    """Give a process a folder of its own, and put right what it changed outside.

    Raises:
        CannotRunError: `shared-touched`: it wrote into the folder that both sides share.
        OSError: There is no room, or no right to.
    """
    work = job.setup.work
    (work / "own").mkdir(parents=True, exist_ok=True)
    own = Path(tempfile.mkdtemp(prefix="", dir=work / "own")).resolve()
    shared = folder_state(job.setup.scratch, with_inode=True)
    _keep_pristine(job.snapshot, _pristine(job))
    try:
        _copy_kept(job, own)
        make_folders(own)
        yield own
        if job.task in KEPT:
            _keep(job, own)
        if job.task is not Task.PREPARE:
            _check_shared(job, shared)
    finally:
        _restore(job.snapshot, _pristine(job))
        shutil.rmtree(own, ignore_errors=True)


def is_filled(work: Path, side: Side) -> bool:
    """True if processes of that side compile or choose something that is worth keeping for the next."""
    folders = (work / KERNELS, work / COMPILED / side.value)
    return any(files for folder in folders for _, _, files in os.walk(folder))


def kernel_choices(work: Path) -> dict[str, str]:
    """Return what helpers chose for this machine before the rounds: operation and shapes -> the way taken."""
    choices: dict[str, str] = {}
    for file in sorted((work / KERNELS).glob("*.json")):
        with contextlib.suppress(OSError, ValueError):
            kept = load_json(read_bytes(file, RESULT, follow=False))
            chosen = kept.get("choices") if isinstance(kept, dict) else None
            rows = chosen.items() if isinstance(chosen, dict) else ()
            choices.update((str(what), way) for what, way in rows if isinstance(way, str))
    return choices


def _seeds(job: WorkerJob) -> dict[str, Path]:
    """The folders of what is kept. Choices of kernels hold for a machine, and so for both sides."""
    work, side = job.setup.work, job.side.value
    return {
        BYTECODE: work / BYTECODE / side,
        COMPILED: work / COMPILED / side,
        KERNELS: work / KERNELS,
    }


def _copy_kept(job: WorkerJob, own: Path) -> None:
    for name, seed in _seeds(job).items():
        if seed.is_dir():
            copy = _link_or_copy if name == BYTECODE else shutil.copy2
            shutil.copytree(seed, own / name, symlinks=True, copy_function=copy)


def _keep(job: WorkerJob, own: Path) -> None:
    for name, seed in _seeds(job).items():
        seed.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(seed, ignore_errors=True)
        (own / name).replace(seed)


def _link_or_copy(source: str, target: str) -> str:
    """Thousands of files of bytecode, which Python replaces and does not write into."""
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)
    return target


# ---- what both sides share ----


def _check_shared(job: WorkerJob, before: State) -> None:
    after = folder_state(job.setup.scratch, with_inode=True)
    changed = sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
    if changed:
        raise CannotRunError(
            "shared-touched",
            f"the worker of the {job.side.value} side ({job.task.value}) wrote into the folder of weights and "
            f"voices that both sides share: {', '.join(changed[:3])}",
            "what it keeps there would serve later rounds, so no figure counts: have the code write elsewhere",
        )


# ---- the snapshot ----


def _pristine(job: WorkerJob) -> Path:
    return job.setup.work / "pristine" / job.side.value


def _keep_pristine(snapshot: Path, pristine: Path) -> None:
    if not pristine.exists():
        shutil.copytree(snapshot, pristine, symlinks=True)


def _restore(snapshot: Path, pristine: Path) -> None:
    """Put back what a process changed in its snapshot, remove what it added: upstream code writes there too."""
    wanted, now = folder_state(pristine), folder_state(snapshot)
    for path in sorted(now.keys() - wanted.keys(), key=len, reverse=True):
        _remove(snapshot / path)
    for path in sorted(wanted.keys(), key=len):
        if now.get(path) != wanted[path]:
            _put_back(pristine / path, snapshot / path)


def _put_back(source: Path, target: Path) -> None:
    is_folder = source.is_dir() and not source.is_symlink()
    if not (is_folder and target.is_dir() and not target.is_symlink()):
        _remove(target)
    if is_folder:
        target.mkdir(exist_ok=True)
        shutil.copymode(source, target)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def folder_state(folder: Path, *, with_inode: bool = False) -> State:
    """Return of each entry below a folder its kind and mode, of a file size and time, of a link where it leads."""
    found: State = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            found[str(path.relative_to(folder))] = _entry(path, with_inode=with_inode)
    return found


def _entry(path: Path, *, with_inode: bool) -> tuple[object, ...]:
    state = path.lstat()
    if stat.S_ISLNK(state.st_mode):
        return (str(path.readlink()), *(_target(path) if with_inode else ()))
    if stat.S_ISDIR(state.st_mode):
        return (state.st_mode,)
    facts = (state.st_mode, state.st_size, state.st_mtime_ns)
    return (*facts, state.st_ino, state.st_ctime_ns) if with_inode else facts


def _target(link: Path) -> tuple[object, ...]:
    """Of the file behind a link: real weights, which are not copied."""
    try:
        state = link.stat()
    except OSError:
        return ()
    return (state.st_size, state.st_mtime_ns, state.st_ino, state.st_ctime_ns)
