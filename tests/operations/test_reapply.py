from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from git_command import commit_all

from ttsopt.domain.effect import Effect
from ttsopt.domain.plan import Status
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.patch_list import list_text, patches_of
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.reapply import Reapplied, reapply
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
NINE = ("toy/steps.steps=9",)


def again(toys: Toys, **options: Any) -> Reapplied:
    return reapply(Target(toys.checkout), **options)


def rows(done: Reapplied) -> dict[str, tuple[Status, str]]:
    planned = done.applied.planned.plan.patches
    return {row.patch.id.partition("/")[2]: (row.status, row.why) for row in planned}


def applied(toys: Toys) -> dict[tuple[str, str], tuple[int, dict[str, Any]]]:
    found = status(toys.checkout).patches
    return {(row.id, row.root): (row.version, dict(row.parameters)) for row in found}


def save_list(toys: Toys, path: Path) -> Path:
    path.write_text(list_text(patches_of(status(toys.checkout).patches)))
    return path


def test_what_upstream_has_lacks_or_changed_is_told_apart(toys: Toys) -> None:
    toys.apply()
    rollback(toys.checkout)
    core = toys.core.read_text()
    toys.core.write_text(core.replace("STEPS = 32", "STEPS = 7").replace("slow(", "swift("))
    toys.core.write_text("import os\n" + toys.core.read_text())
    extra = toys.checkout / "toy" / "extra.py"
    extra.write_text(extra.read_text().replace("32", "16"))
    left = toys.files()
    done = again(toys)
    assert done.applied.refusal is None
    assert rows(done) == {
        "steps": (Status.ALREADY, "upstream"),
        "calls": (Status.ABSENT, "absent"),
        "shown": (Status.REFUSED, "mismatch"),
    }
    assert (toys.files(), applied(toys)) == (left, {})


def test_what_does_not_fit_is_left_out_or_with_strict_refuses_all(toys: Toys) -> None:
    toys.apply()
    rollback(toys.checkout)
    toys.core.write_text(toys.core.read_text().replace("slow(", "swift("))
    left = toys.files()
    refused = again(toys, strict=True).applied.refusal
    assert refused
    assert (refused.code, refused.exit_code) == ("patch-refused", 3)
    assert "toy/calls at .: this version has no such construct" in refused.message
    assert "toy/steps" not in refused.message
    assert (toys.files(), applied(toys)) == (left, {})
    assert rows(again(toys))["calls"] == (Status.ABSENT, "absent")
    assert sorted(name for name, _ in applied(toys)) == ["toy/shown", "toy/steps"]
    assert again(toys, strict=True).applied.refusal  # it stays wanted


def test_strict_counts_what_no_plan_can_be_made_for(toys: Toys, tmp_path: Path) -> None:
    toys.apply("steps", "shown")
    listed = save_list(toys, tmp_path / "list.toml")
    rollback(toys.checkout)
    shutil.rmtree(toys.catalogue / "toy" / "shown")
    refused = again(toys, list_file=listed, strict=True).applied.refusal
    assert refused
    assert "toy/shown at .: the catalogue has no such patch" in refused.message
    assert applied(toys) == {}
    done = again(toys, list_file=listed)
    assert [(one.patch.id, one.why, one.stands) for one in done.unknown] == [
        ("toy/shown", "unknown-patch", False)
    ]
    assert list(applied(toys)) == [("toy/steps", ".")]


def test_an_applied_patch_that_the_catalogue_lost_stays(toys: Toys) -> None:
    toys.apply("steps", "shown")
    patched = toys.files()
    shutil.rmtree(toys.catalogue / "toy" / "shown")
    done = again(toys, strict=True)
    assert done.applied.refusal is None
    assert [(one.patch.id, one.stands) for one in done.unknown] == [("toy/shown", True)]
    assert toys.files() == patched


@pytest.mark.parametrize(
    ("old", "new", "why", "said"),
    [
        ("params.steps", "params.count", "unknown-parameter", "no parameter 'steps'"),
        ("max = 64", "max = 8", "bad-value", "does not take '9'"),
        ('"int"\ndefault = 7\nmin = 1\nmax = 64', '"bool"\ndefault = true', "bad-value", "'9'"),
    ],
)
def test_a_parameter_that_the_newer_patch_does_not_take_refuses_it_alone(
    toys: Toys, old: str, new: str, why: str, said: str
) -> None:
    toys.apply("steps", "shown", settings=NINE)
    rollback(toys.checkout)
    path = toys.catalogue / "toy" / "steps" / "patch.toml"
    text = path.read_text().replace(old, new).replace("version = 1", "version = 2")
    path.write_text(text.replace("${steps}", "${count}") if "count" in new else text)
    done = again(toys)
    row = toys.row(done.applied, "steps")
    assert (row.status, row.why, dict(row.parameters)) == (Status.REFUSED, why, {"steps": 9})
    assert said in row.reason
    assert list(applied(toys)) == [("toy/shown", ".")]


def test_a_newer_version_of_a_patch_is_taken_and_new_parameters_get_their_default(
    toys: Toys,
) -> None:
    toys.apply("steps", settings=NINE)
    path = toys.catalogue / "toy" / "steps" / "patch.toml"
    more = '[params.seed]\ntype = "int"\ndefault = 3\nhelp = "h"\n[[files]]'
    more_edits = (
        '[[files.edits]]\nset_default = "steps"\nin = "Toy.speak"\nold = ["STEPS"]\nnew = "${seed}"'
    )
    text = path.read_text().replace("[[files]]", more).replace("version = 1", "version = 2")
    path.write_text(text + more_edits)
    for undo in (lambda: None, lambda: rollback(toys.checkout)):
        undo()
        again(toys)
        assert applied(toys) == {("toy/steps", "."): (2, {"steps": 9, "seed": 3})}
        assert "STEPS = 9" in toys.core.read_text()
        assert "steps=3" in toys.core.read_text()


def test_effect_and_device_were_allowed_before(toys: Toys) -> None:
    toys.patch("shown", toys.shown, effect="lossy", device="cuda")
    apply(toys.request("shown", effect=Effect.LOSSY))
    patched = toys.files()
    rollback(toys.checkout)
    again(toys)
    assert toys.files() == patched


def at_roots(toys: Toys, *names: str) -> None:
    for name in names:
        shutil.copytree(toys.checkout / "toy", toys.checkout / name / "toy")
    shutil.rmtree(toys.checkout / "toy")


def test_every_root_gets_its_own_parameters_and_a_root_that_is_gone_is_told(toys: Toys) -> None:
    at_roots(toys, "a", "b")
    for root, value in (("a", 3), ("b", 5)):
        settings = (f"toy/steps.steps={value}",)
        apply(toys.request("steps", settings=settings, target=Target(toys.checkout, root=root)))
    patched, before = toys.files(), applied(toys)
    rollback(toys.checkout)
    again(toys)
    assert (toys.files(), applied(toys)) == (patched, before)
    rollback(toys.checkout)
    shutil.rmtree(toys.checkout / "b")
    done = again(toys)
    assert [(one.patch.root, one.why) for one in done.unknown] == [("b", "no-root")]
    assert applied(toys) == {("toy/steps", "a"): (1, {"steps": 3})}


def test_a_folder_of_the_checkout_is_about_its_own_roots(toys: Toys) -> None:
    commit_all(toys.checkout)
    at_roots(toys, "a", "b")
    apply(toys.request("steps", target=Target(toys.checkout, all_roots=True)))
    rollback(toys.checkout)
    done = reapply(Target(toys.checkout / "a"))
    assert done.unknown == ()
    assert list(applied(toys)) == [("toy/steps", "a")]


def test_a_backup_copy_that_was_named_is_found_again(toys: Toys) -> None:
    at_roots(toys, "toy_backup", "a")
    apply(toys.request("steps", target=Target(toys.checkout, root="toy_backup")))
    rollback(toys.checkout)
    assert again(toys).unknown == ()
    assert list(applied(toys)) == [("toy/steps", "toy_backup")]


def test_a_list_names_what_is_taken_and_the_rest_is_left_as_it_is(
    toys: Toys, tmp_path: Path
) -> None:
    toys.apply("steps", settings=NINE)
    listed = save_list(toys, tmp_path / "list.toml")
    rollback(toys.checkout)
    toys.apply("calls")
    done = again(toys, list_file=listed)
    assert done.source == "list"
    assert rows(done) == {
        "steps": (Status.APPLIED, ""),
        "calls": (Status.SKIPPED, "not named"),
        "shown": (Status.SKIPPED, "not named"),
    }
    assert set(applied(toys)) == {("toy/steps", "."), ("toy/calls", ".")}
    assert "STEPS = 9" in toys.core.read_text()
    assert "fast(" in toys.core.read_text()


def test_a_missing_requirement_is_told_and_strict_refuses_it(toys: Toys, tmp_path: Path) -> None:
    toys.patch("needy", '[requires]\npatches = ["toy/shown"]\n' + toys.steps_alone)
    toys.apply("needy", "shown")
    listed = save_list(toys, tmp_path / "list.toml")
    text = listed.read_text()
    listed.write_text(text[: text.index('[[patches]]\nid = "toy/shown"')])
    rollback(toys.checkout)
    assert again(toys, list_file=listed, strict=True).applied.refusal
    done = again(toys, list_file=listed)
    assert rows(done)["needy"][1] == "requirement"
    assert applied(toys) == {}


DIFF = """\
--- a/toy/extra.py
+++ b/toy/extra.py
@@ -1,2 +1,2 @@
-def show(steps=32):
+def show(steps=5):
     return steps
"""


def test_an_own_patch_file_has_to_be_there_again(toys: Toys, tmp_path: Path) -> None:
    own = tmp_path / "mine.patch"
    own.write_text(DIFF)
    apply(PlanRequest(Target(toys.checkout), Selection(("toy/steps",), files=(own,))))
    patched = toys.files()
    assert again(toys, strict=True).unknown[0].stands
    rollback(toys.checkout)
    done = again(toys)
    assert [(one.patch.id, one.why, one.stands) for one in done.unknown] == [
        ("file/mine", "patch-file", False)
    ]
    assert "--patch-file mine.patch" in done.unknown[0].hint
    assert list(applied(toys)) == [("toy/steps", ".")]
    rollback(toys.checkout)
    apply(PlanRequest(Target(toys.checkout), Selection(("toy/steps",), files=(own,))))
    rollback(toys.checkout)
    assert again(toys, patch_files=[own]).unknown == ()
    assert toys.files() == patched
    other = tmp_path / "other.patch"
    other.write_text(DIFF)
    with pytest.raises(UsageError, match="not on the list"):
        again(toys, patch_files=[other])


def test_a_file_edited_since_is_left_alone_and_told(toys: Toys) -> None:
    toys.apply("steps", "shown")
    toys.core.write_text(toys.core.read_text() + "# mine\n")
    left, before = toys.files(), applied(toys)
    assert again(toys, strict=True).applied.refusal is None
    path = toys.catalogue / "toy" / "steps" / "patch.toml"
    path.write_text(path.read_text().replace("${steps}", "${steps} + 0"))
    assert again(toys, strict=True).applied.refusal
    assert rows(again(toys)) == {
        "steps": (Status.REFUSED, "changed-since"),
        "shown": (Status.ALREADY, "applied"),
        "calls": (Status.SKIPPED, "not named"),
    }
    assert (toys.files(), applied(toys)) == (left, before)


def test_nothing_to_go_by_is_refused_with_the_way_out(toys: Toys, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        again(toys)
    assert caught.value.code == "nothing-to-reapply"
    assert "--list FILE" in caught.value.hint
    empty = tmp_path / "empty.toml"
    empty.write_text(list_text(()))
    with pytest.raises(RefusedError, match=r"empty\.toml has no patch"):
        again(toys, list_file=empty)


def test_a_dry_run_writes_nothing(toys: Toys) -> None:
    toys.apply()
    rollback(toys.checkout)
    left = toys.files()
    done = again(toys, dry_run=True)
    assert len(done.applied.planned.plan.having(Status.APPLIED)) == 3
    assert toys.files() == left
    assert not toys.state.exists()
