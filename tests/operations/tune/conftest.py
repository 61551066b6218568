"""A copy of the sample, a machine in the place of processes, and storages of the test's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import postgres
import pytest
from tuning_fakes import TunedMachine

SAMPLE = Path(__file__).parents[3] / "patches" / "sample" / "checkout"
Install = Callable[..., TunedMachine]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    copy = tmp_path / "sample"
    shutil.copytree(SAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Install:
    def install(**given: Any) -> TunedMachine:
        made = TunedMachine(**given)
        monkeypatch.setattr("ttsopt.operations.bench.measure.WorkerExecutor", made)
        return made

    return install


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # Not below pytest's own folder, which is closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="ttsopt-postgres-"))
    folder.chmod(0o755)
    try:
        with postgres.running(programs, folder / "server") as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Storage where several workers meet: a file, or a server."""
    if request.param == "sqlite":
        return str(tmp_path / "shared.db")
    return str(request.getfixturevalue("server"))
