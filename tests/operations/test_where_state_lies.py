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
