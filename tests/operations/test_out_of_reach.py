"""Patched files that are not where they were, and may run on: rollback refuses to forget them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from git_command import commit_all, git

from ttsopt.checkout.state.file_state import FileState
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
posix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")


def linked_outside(toys: Toys) -> None:
    outside = toys.checkout.parent / "outside"
    shutil.copytree(toys.checkout / "toy", outside)
    (toys.checkout / "toy").rename(toys.checkout.parent / "patched")
    (toys.checkout / "toy").symlink_to(outside)


def linked_inside(toys: Toys) -> None:
    """To a copy that was never patched, which by its bytes says that nothing is patched."""
    (toys.checkout / "toy").rename(toys.checkout / "patched")
    shutil.copytree(toys.checkout / "pristine", toys.checkout / "second")
    (toys.checkout / "toy").symlink_to("second")


def moved_and_linked(toys: Toys) -> None:
    (toys.checkout / "toy").rename(toys.checkout / "patched")
    (toys.checkout / "toy").symlink_to("patched")


def linked_to_nothing(toys: Toys) -> None:
    (toys.checkout / "toy").rename(toys.checkout / "patched")
    (toys.checkout / "toy").symlink_to("none")


def linked_to_itself(toys: Toys) -> None:
    (toys.checkout / "toy").rename(toys.checkout / "patched")
    (toys.checkout / "toy").symlink_to("toy")


def not_mounted(toys: Toys) -> None:
    (toys.checkout / "toy").rename(toys.checkout.parent / "patched")
    (toys.checkout / "toy").mkdir()


def moved_away(toys: Toys) -> None:
    (toys.checkout / "toy").rename(toys.checkout.parent / "patched")


WAYS = [
    linked_outside,
    linked_inside,
    moved_and_linked,
    linked_to_nothing,
    linked_to_itself,
    not_mounted,
    moved_away,
]


def put_back(toys: Toys) -> None:
    place = toys.checkout / "toy"
    if place.is_symlink():
        place.unlink()
    elif place.exists():
        place.rmdir()
    patched = (toys.checkout / "patched", toys.checkout.parent / "patched")
    next(path for path in patched if path.exists()).rename(place)


def bytes_of(toys: Toys) -> dict[Path, bytes]:
    folder = toys.checkout.parent
    return {path: path.read_bytes() for path in folder.rglob("*.py") if "state" not in path.parts}


@posix
@pytest.mark.parametrize("with_git", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_a_package_that_is_not_in_its_place_stays_on_record(
    toys: Toys, way: Callable[[Toys], None], with_git: bool
) -> None:
    shutil.copytree(toys.checkout / "toy", toys.checkout / "pristine")
    if with_git:
        commit_all(toys.checkout)
    first = bytes_of(toys)
    toys.apply("steps", "shown")
    way(toys)
    there = bytes_of(toys)
    found = status(toys.checkout)
    assert {state for _, state in found.files} == {FileState.UNREACHABLE}
    assert {row.path for row in found.stuck} == {"toy/core.py", "toy/extra.py"}
    assert not found.gone
    done = rollback(toys.checkout)
    assert done.refusal is not None
    assert done.refusal.code == "unreachable"
    assert str(toys.checkout / "toy") in done.refusal.message
    assert "--force" in done.refusal.hint
    assert bytes_of(toys) == there
    assert {row.id for row in status(toys.checkout).patches} == {"toy/steps", "toy/shown"}
    put_back(toys)
    assert rollback(toys.checkout).is_as_before
    assert {path: data for path, data in bytes_of(toys).items() if path in first} == first


@posix
@pytest.mark.parametrize("thing", ["link", "pipe", "circle"])
def test_a_file_that_cannot_be_read_is_not_taken_for_deleted(
    toys: Toys, tmp_path: Path, thing: str
) -> None:
    toys.apply("shown")
    extra = toys.checkout / "toy" / "extra.py"
    extra.rename(tmp_path / "patched.py")
    makers: dict[str, Callable[[], object]] = {
        "link": lambda: extra.symlink_to(tmp_path / "patched.py"),
        "pipe": lambda: os.mkfifo(extra),
        "circle": lambda: extra.symlink_to(extra.name),
    }
    makers[thing]()
    refusal = rollback(toys.checkout).refusal
    assert refusal is not None
    assert (refusal.code, str(extra) in refusal.message) == ("unreachable", True)
    extra.unlink()
    (tmp_path / "patched.py").rename(extra)
    assert rollback(toys.checkout).is_as_before


def test_force_forgets_what_cannot_be_reached_and_keeps_the_originals(toys: Toys) -> None:
    first = toys.core.read_bytes()
    toys.apply("steps")
    moved_away(toys)
    done = rollback(toys.checkout, force=True)
    assert done.refusal is None
    assert (done.unreached, done.gone, done.is_as_before) == (("toy/core.py",), (), False)
    ((path, place),) = done.retired
    assert (path, place.read_bytes()) == ("toy/core.py", first)
    assert not status(toys.checkout).patches
    assert not (toys.checkout / "toy").exists()


def test_another_patch_comes_out_while_one_is_out_of_reach(toys: Toys) -> None:
    shutil.copytree(toys.checkout / "toy", toys.checkout / "b" / "toy")
    first = toys.files()
    apply(toys.request("shown", target=Target(toys.checkout, all_roots=True)))
    apply(toys.request("steps", target=Target(toys.checkout, root=".")))
    (toys.checkout / "toy").rename(toys.checkout.parent / "patched")
    assert rollback(toys.checkout).refusal
    assert rollback(toys.checkout / "b").is_as_before
    assert {row.root for row in status(toys.checkout).patches} == {"."}
    put_back(toys)
    assert rollback(toys.checkout).is_as_before
    assert toys.files() == first


@pytest.mark.parametrize("staged", [True, False])
def test_a_package_that_git_took_away_is_deleted(toys: Toys, staged: bool) -> None:
    commit_all(toys.checkout)
    toys.apply("steps")
    git(toys.checkout, "rm", "-rqf", "toy")
    if not staged:
        git(toys.checkout, "commit", "-qm", "without")
    assert dict(status(toys.checkout).files)["toy/core.py"] is FileState.MISSING
    done = rollback(toys.checkout)
    assert (done.refusal, done.gone) == (None, ("toy/core.py",))


def test_a_package_of_which_something_is_left_lost_the_file(toys: Toys) -> None:
    toys.apply("steps")
    toys.core.unlink()
    assert rollback(toys.checkout).gone == ("toy/core.py",)


def apply_own(toys: Toys) -> None:
    """A user's own diff may lead through a link of the checkout, which looking for systems does not."""
    own = toys.checkout.parent / "own.patch"
    own.write_text(
        "--- a/toy/extra.py\n+++ b/toy/extra.py\n@@ -1,2 +1,2 @@\n"
        "-def show(steps=32):\n+def show(steps=5):\n     return steps\n"
    )
    assert apply(PlanRequest(Target(toys.checkout), Selection(files=(own,)))).refusal is None


@posix
def test_a_package_that_was_behind_a_link_from_the_start_is_rolled_back(toys: Toys) -> None:
    (toys.checkout / "src").mkdir()
    (toys.checkout / "toy").rename(toys.checkout / "src" / "toy")
    (toys.checkout / "toy").symlink_to("src/toy")
    first = toys.files()
    apply_own(toys)
    assert toys.files() != first
    assert dict(status(toys.checkout).files) == {"toy/extra.py": FileState.APPLIED}
    assert rollback(toys.checkout).is_as_before
    assert toys.files() == first


@posix
def test_a_link_that_leads_elsewhere_than_when_it_was_patched(toys: Toys) -> None:
    (toys.checkout / "src").mkdir()
    (toys.checkout / "toy").rename(toys.checkout / "src" / "toy")
    shutil.copytree(toys.checkout / "src", toys.checkout / "next")
    (toys.checkout / "toy").symlink_to("src/toy")
    apply_own(toys)
    (toys.checkout / "toy").unlink()
    (toys.checkout / "toy").symlink_to("next/toy")
    refusal = rollback(toys.checkout).refusal
    assert refusal is not None
    assert str(toys.checkout / "src/toy/extra.py") in refusal.message


@posix
def test_apply_builds_on_nothing_that_it_cannot_reach(toys: Toys) -> None:
    extra = toys.checkout / "toy" / "extra.py"
    shutil.copy(extra, toys.checkout / "second.py")
    toys.apply("shown")
    extra.rename(toys.checkout.parent / "patched.py")
    extra.symlink_to("../second.py")
    before = bytes_of(toys)
    done = toys.apply("shown")
    assert done.refusal is not None
    assert "cannot be reached" in done.refusal.message
    assert bytes_of(toys) == before
    assert toys.apply("steps").refusal is None
    assert {row.id for row in status(toys.checkout).patches} == {"toy/steps", "toy/shown"}
    assert rollback(toys.checkout, ["toy/steps"]).is_as_before
    assert bytes_of(toys) == before
