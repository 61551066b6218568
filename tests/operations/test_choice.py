from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ttsopt.domain.effect import Device, Effect
from ttsopt.domain.plan import Status
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.rollback import rollback

Toys = Any  # conftest.py of this folder


def test_effects_and_devices_leave_patches_out(toys: Toys) -> None:
    toys.patch("shown", toys.shown, effect="lossy")
    toys.patch("calls", toys.calls, device="cuda")
    done = apply(toys.request(device=Device.CPU))
    assert {row.patch.id: row.why for row in done.planned.plan.having(Status.SKIPPED)} == {
        "toy/calls": "device",
        "toy/shown": "effect",
    }
    named = toys.apply("shown")
    assert (toys.row(named, "shown").why, toys.row(named, "shown").status) == (
        "effect",
        Status.REFUSED,
    )
    assert named.refusal is not None
    assert "--effect lossy" in named.refusal.hint
    apply(toys.request("shown", effect=Effect.LOSSY))
    assert toys.row(toys.apply(), "shown").status is Status.ALREADY


def test_a_guarded_patch_is_taken_by_those_who_force_it_alone(toys: Toys) -> None:
    toys.patch("shown", 'guard = "it speaks another language"\n' + toys.shown, effect="lossy")
    done = apply(toys.request(effect=Effect.LOSSY))
    row = toys.row(done, "shown")
    assert (row.status, row.why) == (Status.SKIPPED, "guard")
    assert "another language" in row.reason
    named = apply(toys.request("shown", effect=Effect.LOSSY))
    assert named.refusal is not None
    assert "--force toy/shown" in named.refusal.hint
    weaker = apply(toys.request("shown", forced=("toy/shown",)))
    assert toys.row(weaker, "shown").why == "effect"
    forced = apply(toys.request("shown", effect=Effect.LOSSY, forced=("toy/shown",)))
    assert toys.row(forced, "shown").status is Status.APPLIED
    again = apply(toys.request("shown", effect=Effect.LOSSY))
    assert toys.row(again, "shown").status is Status.ALREADY


def test_forcing_a_patch_that_does_not_exist_is_wrong_use(toys: Toys) -> None:
    with pytest.raises(UsageError, match="toy/stepz"):
        apply(toys.request(forced=("toy/stepz",)))


def test_one_refusal_leaves_the_others_unless_strict_or_named(toys: Toys) -> None:
    (toys.checkout / "toy" / "extra.py").write_bytes(b"def show(steps=16):\n    return steps\n")
    before = toys.files()
    for done in (
        apply(toys.request(), strict=True),
        toys.apply("steps", "shown"),
        toys.apply("shown"),
    ):
        assert done.refusal is not None
        assert "toy/extra.py:1" in done.refusal.message
        assert "nearest    def show(steps=16):" in done.refusal.message
        assert toys.files() == before
        assert not toys.state.exists()
    done = toys.apply()
    assert done.refusal is None
    assert toys.statuses(done) == {
        "toy/calls": Status.APPLIED,
        "toy/shown": Status.REFUSED,
        "toy/steps": Status.APPLIED,
    }


def test_names_that_do_not_exist_are_wrong_use(toys: Toys) -> None:
    with pytest.raises(UsageError, match="toy/stepz"):
        toys.apply("stepz")
    with pytest.raises(UsageError, match="no system"):
        apply(toys.request(target=Target(toys.checkout, system="tay")))
    with pytest.raises(UsageError, match="not applied"):
        rollback(toys.checkout, ["toy/steps"])


def test_no_system_is_refused(toys: Toys, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RefusedError, match="no TTS system"):
        apply(toys.request(target=Target(tmp_path / "empty")))


def test_several_roots_must_be_chosen_among(toys: Toys) -> None:
    shutil.copytree(toys.checkout / "toy", toys.checkout / "vendored" / "toy")
    before = toys.files()
    with pytest.raises(RefusedError, match="--root vendored") as caught:
        toys.apply()
    assert caught.value.code == "several-roots"
    with pytest.raises(RefusedError, match="fits none"):
        apply(toys.request(target=Target(toys.checkout, root="no")))
    assert toys.files() == before
    apply(toys.request(target=Target(toys.checkout, root="vendored/")))
    assert toys.files()["toy/core.py"] == before["toy/core.py"]
    assert toys.files()["vendored/toy/core.py"] == toys.core_with("steps", "calls")
    done = apply(toys.request(target=Target(toys.checkout, all_roots=True)))
    assert [row.status for row in done.planned.plan.patches] == [Status.APPLIED] * 3 + [
        Status.ALREADY
    ] * 3
    assert toys.files()["toy/core.py"] == toys.files()["vendored/toy/core.py"]
    rollback(toys.checkout)
    assert toys.files() == before
