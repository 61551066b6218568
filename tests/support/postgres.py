"""A PostgreSQL server of a test's own, from Debian's package, on a free port and in a folder that is removed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOME = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of the newest server that is installed; None where there is none, or nobody to run it as."""
    found = sorted(HOME.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found or (os.geteuid() == 0 and not shutil.which("runuser")):
        return None
    return found[-1].parent


@contextmanager
def running(programs: Path, folder: Path) -> Iterator[str]:
    """The URL of a server that accepts everybody of this machine."""
    data = folder / "data"
    folder.mkdir(mode=0o755)
    words = ["initdb", "-D", str(data), "-A", "trust", "-U", "tuner", "-E", "UTF8", "--no-sync"]
    if os.geteuid() == 0:  # it refuses to be run by root
        shutil.chown(folder, "postgres")
    _run(programs, words)
    port = free_port()
    options = f"-p {port} -h 127.0.0.1 -k '' -F"
    start = ["pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"]
    _run(programs, start)
    try:
        yield f"postgresql://tuner@127.0.0.1:{port}/postgres"
    finally:
        _run(programs, ["pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop"])


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _run(programs: Path, words: list[str]) -> None:
    command = [str(programs / words[0]), *words[1:]]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
