from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from git_command import commit_all, git

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder


def test_a_sub_folder_of_a_repository_shares_its_state(toys: Toys, tmp_path: Path) -> None:
    system = tmp_path / "service" / "third_party" / "toy-tts"
    shutil.copytree(toys.checkout, system)
    commit_all(tmp_path / "service")
    done = apply(toys.request(target=Target(system)))
    assert {change.path for change in done.planned.plan.changes} == {"toy/core.py", "toy/extra.py"}
    assert git(tmp_path / "service", "status", "--porcelain").splitlines() == [
        " M third_party/toy-tts/toy/core.py",
        " M third_party/toy-tts/toy/extra.py",
    ]
    for directory in (tmp_path / "service", system, system / "toy"):
        seen = status(directory)
        assert seen.checkout.top == (tmp_path / "service").resolve()
        assert [row.root for row in seen.patches] == ["third_party/toy-tts"] * 3
    assert not (system / ".ttsopt").exists()
    undone = rollback(system / "toy", ["toy/shown"])
    assert [change.path for change in undone.changes] == ["extra.py"]
    undone = rollback(system / "toy" / "..")
    assert git(tmp_path / "service", "status", "--porcelain", "--ignored") == ""


def test_without_git_the_state_is_found_upwards(toys: Toys) -> None:
    toys.apply("steps")
    assert status(toys.checkout / "toy").checkout.top == toys.checkout.resolve()
    rollback(toys.checkout / "toy")
    assert not toys.state.exists()


def test_status_of_an_unpatched_checkout_writes_nothing(toys: Toys) -> None:
    before = sorted(toys.checkout.rglob("*"))
    seen = status(toys.checkout)
    assert (seen.patches, seen.files, dict(seen.newer), seen.unfinished) == ((), (), {}, ())
    assert sorted(toys.checkout.rglob("*")) == before


def test_modes_line_ends_and_stale_bytecode(toys: Toys) -> None:
    toys.core.write_bytes(toys.core.read_bytes().replace(b"\n", b"\r\n"))
    toys.core.chmod(0o755)
    before = toys.core.read_bytes()
    cache = toys.core.parent / "__pycache__"
    cache.mkdir()
    for step in (toys.apply, lambda: rollback(toys.checkout)):
        (cache / "core.cpython-311.pyc").write_bytes(b"old")
        step()
        assert not (cache / "core.cpython-311.pyc").exists()
        assert toys.core.stat().st_mode & 0o777 == 0o755
        assert toys.core.read_bytes().count(b"\n") == toys.core.read_bytes().count(b"\r\n")
    assert toys.core.read_bytes() == before


def test_git_clean_takes_the_state_away_and_nothing_is_lost(toys: Toys, state_home: Path) -> None:
    toys.core.write_bytes(toys.core.read_bytes() + b"# not committed\n")
    commit_all(toys.checkout)
    toys.core.write_bytes(toys.core.read_bytes() + b"# nor this\n")
    before = toys.files()
    toys.apply()
    seen = status(toys.checkout)
    git(toys.checkout, "clean", "-fdxq")
    assert not toys.state.exists()
    again = status(toys.checkout)
    assert (again.patches, again.files) == (seen.patches, seen.files)
    assert not toys.state.exists()
    undone = rollback(toys.checkout, ["toy/shown"])
    assert [row.id for row in undone.remaining] == ["toy/calls", "toy/steps"]
    git(toys.checkout, "clean", "-fdxq")
    assert rollback(toys.checkout).refusal is None
    assert toys.files() == before
    left = [path.name for path in state_home.rglob("*") if path.is_file()]
    assert sorted(left) == ["key", "last.toml", "top.txt"]


def test_a_new_clone_in_the_same_place_has_nothing_applied(toys: Toys, tmp_path: Path) -> None:
    commit_all(toys.checkout)
    git(tmp_path, "clone", "-q", str(toys.checkout), "kept")
    before = toys.files()
    toys.apply()
    shutil.rmtree(toys.checkout)
    (tmp_path / "kept").rename(toys.checkout)
    assert status(toys.checkout).patches == ()
    assert rollback(toys.checkout).patches == ()
    assert toys.files() == before
    toys.apply()
    rollback(toys.checkout)
    assert toys.files() == before


def test_a_copy_of_a_checkout_keeps_a_state_of_its_own(toys: Toys, tmp_path: Path) -> None:
    before = toys.files()
    toys.apply()
    patched = toys.files()
    other = tmp_path / "other"
    shutil.copytree(toys.checkout, other)
    rollback(toys.checkout)
    assert toys.files() == before
    seen = status(other)
    assert {state.value for _, state in seen.files} == {"applied"}
    assert (other / "toy/core.py").read_text() == patched["toy/core.py"]
    rollback(other)
    assert (other / "toy/core.py").read_text() == before["toy/core.py"]
