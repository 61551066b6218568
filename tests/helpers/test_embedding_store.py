"""Embeddings that outlive a process: in a folder, and on Debian's Redis where it is installed.

The store needs numpy alone, which the tests have; the helper that uses it needs torch.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
KEY, OTHER = "a" * 64, "b" * 64
VOICE = np.linspace(0, 1, 256, dtype=np.float32)
RAN: list[int] = []


class Trap:
    """An object that runs code where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return RAN.append, (1,)


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(HELPERS))
    yield import_module("ttsopt_embedding_store")
    sys.modules.pop("ttsopt_embedding_store")


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of a Redis of this run's own."""
    server = shutil.which("redis-server")
    pytest.importorskip("redis", reason="the package redis is not installed")
    if server is None:
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    folder = tmp_path_factory.mktemp("redis")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        _wait_for(port)
        yield port
        process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as found:
            if found.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("redis-server does not answer")


def test_an_empty_name_keeps_nothing(helper: ModuleType) -> None:
    assert helper.open_store("") is None
    assert helper.open_store("  ") is None


def test_a_folder_gives_the_same_array_to_another_process(
    helper: ModuleType, tmp_path: Path
) -> None:
    helper.open_store(str(tmp_path / "voices")).put(KEY, VOICE)
    found = helper.open_store(str(tmp_path / "voices")).get(KEY)
    assert found.dtype == VOICE.dtype
    assert np.array_equal(found, VOICE)
    assert helper.open_store(str(tmp_path / "voices")).get(OTHER) is None
    assert [path.name for path in (tmp_path / "voices").iterdir()] == [f"{KEY}.npy"]


def test_disk_is_a_folder_of_the_users_cache(
    helper: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTSOPT_EMBEDDINGS_FOLDER", str(tmp_path / "kept"))
    helper.open_store("disk").put(KEY, VOICE)
    assert (tmp_path / "kept" / f"{KEY}.npy").is_file()
    assert oct((tmp_path / "kept").stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY", b"no array", b"\x93NUMPY\x01\x00\xff\xff{"])
def test_what_is_no_array_is_made_anew(helper: ModuleType, tmp_path: Path, data: bytes) -> None:
    (tmp_path / f"{KEY}.npy").write_bytes(data)
    store = helper.open_store(str(tmp_path))
    assert store.get(KEY) is None
    store.put(KEY, VOICE)
    assert np.array_equal(store.get(KEY), VOICE)


def test_a_pickle_is_never_run(helper: ModuleType, tmp_path: Path) -> None:
    made = io.BytesIO()
    np.save(made, np.array([Trap()], dtype=object), allow_pickle=True)
    (tmp_path / f"{KEY}.npy").write_bytes(made.getvalue())
    assert helper.open_store(str(tmp_path)).get(KEY) is None
    assert RAN == []


@pytest.mark.parametrize(
    "array",
    [np.array(["a voice"]), np.zeros(1 << 20), np.array([1 + 2j]), np.array([object()])],
    ids=["text", "too large", "complex", "objects"],
)
def test_only_small_arrays_of_real_numbers_are_kept(
    helper: ModuleType, tmp_path: Path, array: Any
) -> None:
    helper.open_store(str(tmp_path)).put(KEY, array)
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_are_none_are_not_given_out(helper: ModuleType, tmp_path: Path) -> None:
    helper.open_store(str(tmp_path)).put(KEY, np.array([1.0, np.nan]))
    assert helper.open_store(str(tmp_path)).get(KEY) is None


def test_the_files_used_last_stay(
    helper: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "MOST", 3)
    store = helper.open_store(str(tmp_path))
    for number, key in enumerate("abc"):
        store.put(key * 64, VOICE)
        os.utime(tmp_path / f"{key * 64}.npy", (1000 + number, 1000 + number))
    assert store.get("a" * 64) is not None
    store.put("d" * 64, VOICE)
    assert {path.name[0] for path in tmp_path.iterdir()} == {"a", "c", "d"}


def test_threads_that_write_at_once_leave_whole_files(helper: ModuleType, tmp_path: Path) -> None:
    store = helper.open_store(str(tmp_path))

    def work(number: int) -> bool:
        store.put(KEY, np.full(4096, number, dtype=np.float32))
        found = store.get(KEY)
        return found is not None and len(set(found.tolist())) == 1

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(64)))
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.npy"]


def test_a_place_that_fails_is_said_once_and_left_alone(
    helper: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("no folder")
    store = helper.open_store(str(tmp_path / "file"))
    for _ in range(3):
        store.put(KEY, VOICE)
        assert store.get(KEY) is None
    assert capsys.readouterr().err.count("keeps no embeddings") == 1
    monkeypatch.setattr(helper, "AGAIN_SECONDS", 0.0)
    (tmp_path / "file").unlink()
    store.asked_again = 0.0
    store.put(KEY, VOICE)
    assert np.array_equal(store.get(KEY), VOICE)


def test_a_redis_that_is_not_there_costs_no_voice_and_shows_no_password(
    helper: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        store = helper.open_store(f"redis://:secret@127.0.0.1:{taken.getsockname()[1]}/0")
        store.put(KEY, VOICE)
        assert store.get(KEY) is None
    said = capsys.readouterr().err
    assert "keeps no embeddings" in said
    assert "secret" not in said


def test_redis_shares_an_array_for_a_while(helper: ModuleType, redis_port: int) -> None:
    address = f"redis://127.0.0.1:{redis_port}/0?ttl=1"
    helper.open_store(address).put(KEY, VOICE)
    found = helper.open_store(address).get(KEY)
    assert np.array_equal(found, VOICE)
    client = import_module("redis").Redis(port=redis_port)
    assert 0 < client.ttl(f"ttsopt:embedding:{KEY}") <= 1
    client.set(f"ttsopt:embedding:{KEY}", b"no array")
    assert helper.open_store(address).get(KEY) is None
    client.set(f"ttsopt:embedding:{KEY}", b"x" * (helper.MOST_BYTES + 1))
    assert helper.open_store(address).get(KEY) is None


def test_redis_forgets_what_nobody_asks_for(helper: ModuleType, redis_port: int) -> None:
    store = helper.open_store(f"redis://127.0.0.1:{redis_port}/0?ttl=1")
    store.put(OTHER, VOICE)
    client = import_module("redis").Redis(port=redis_port)
    for _ in range(100):
        if not client.exists(f"ttsopt:embedding:{OTHER}"):
            break
        time.sleep(0.05)
    assert store.get(OTHER) is None
