from __future__ import annotations

import shutil
from typing import Any

import pytest

from ttsopt.domain.plan import Status
from ttsopt.errors import UsageError
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder


def test_parameters_are_kept_until_they_are_set(toys: Toys) -> None:
    toys.apply("steps", settings=("toy/steps.steps=5",))
    kept = toys.apply()
    assert toys.row(kept, "steps").status is Status.ALREADY
    assert "STEPS = 5" in toys.files()["toy/core.py"]
    assert toys.row(toys.apply(settings=("toy/steps.steps=9",)), "steps").status is Status.APPLIED
    assert "STEPS = 9" in toys.files()["toy/core.py"]
    assert status(toys.checkout).patches[-1].parameters == {"steps": 9}
    rollback(toys.checkout)
    assert "STEPS = 32" in toys.files()["toy/core.py"]


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("toy/steps.steps=0", "bad-value"),
        ("toy/steps.n=1", "unknown-parameter"),
        ("toy/no.steps=1", "unknown-patch"),
        ("steps=1", "bad-setting"),
    ],
)
def test_a_wrong_setting_stops_everything(toys: Toys, setting: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        toys.apply(settings=(setting,))
    assert caught.value.code == code
    assert not toys.state.exists()


def test_a_value_that_a_newer_version_does_not_take_is_the_default_again(toys: Toys) -> None:
    toys.apply("steps", settings=("toy/steps.steps=50",))
    path = toys.catalogue / "toy" / "steps" / "patch.toml"
    newer = path.read_text(encoding="utf-8").replace("max = 64", "max = 40")
    path.write_text(newer.replace("version = 1", "version = 2"), encoding="utf-8")
    toys.apply()
    assert status(toys.checkout).patches[-1].parameters == {"steps": 7}
    assert "STEPS = 7" in toys.files()["toy/core.py"]


def test_a_newer_version_replaces_the_older_one(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    toys.patch("shown", toys.shown.replace('"7"', '"8"'), version=2)
    assert status(toys.checkout).newer == {"toy/shown": 2}
    toys.apply()
    assert toys.files()["toy/extra.py"] == before["toy/extra.py"].replace("32", "8")
    assert status(toys.checkout).newer == {}
    rollback(toys.checkout, ["toy/shown"])
    assert toys.files()["toy/extra.py"] == before["toy/extra.py"]


def test_a_newer_version_with_the_same_edits_is_recorded(toys: Toys) -> None:
    toys.apply()
    edits = (toys.catalogue / "toy" / "calls" / "patch.toml").read_text(encoding="utf-8")
    (toys.catalogue / "toy" / "calls" / "patch.toml").write_text(
        edits.replace("version = 1", "version = 2"), encoding="utf-8"
    )
    assert not toys.apply().planned.plan.changes
    assert status(toys.checkout).newer == {}
    assert toys.row(toys.apply(), "calls").status is Status.ALREADY


def test_a_newer_version_that_edits_another_file_gives_the_first_one_back(toys: Toys) -> None:
    before = toys.files()
    toys.apply("shown")
    toys.patch("shown", toys.steps_alone, version=2)
    toys.apply("shown")
    assert toys.files() == {**before, "toy/core.py": before["toy/core.py"].replace("= 32", "= 7")}
    rollback(toys.checkout)
    assert toys.files() == before


def test_a_newer_version_that_does_not_fit_leaves_the_older_one(toys: Toys) -> None:
    toys.apply()
    files = toys.files()
    toys.patch(
        "shown",
        '[[files]]\npaths = ["toy/extra.py"]\n[[files.edits]]\nreplace = "gone()"\nwith = "x"\n',
        version=2,
    )
    row = toys.row(toys.apply(), "shown")
    assert (row.status, row.why) == (Status.REFUSED, "absent")
    assert "ttsopt rollback -p toy/shown" in row.hint
    assert toys.files() == files
    rollback(toys.checkout, ["toy/shown"])
    assert toys.files() == {**files, "toy/extra.py": files["toy/extra.py"].replace("7", "32")}


def test_a_patch_that_left_the_catalogue_can_be_taken_out(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    shutil.rmtree(toys.catalogue / "toy" / "steps")
    toys.apply()
    rollback(toys.checkout)
    assert toys.files() == before


def test_a_patch_with_a_wrong_pattern_is_refused_and_named(toys: Toys) -> None:
    toys.patch(
        "broken",
        '[[files]]\npaths = ["toy/core.py"]\n[[files.edits]]\nreplace = "slow("\nwith = "x"\n',
    )
    row = toys.row(toys.apply(), "broken")
    assert (row.status, row.why) == (Status.REFUSED, "bad-patch")
    assert "toy/broken" in row.hint
