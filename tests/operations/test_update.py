"""A git checkout brought to a newer version with its patches, and what is refused before anything is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_command import git
from update_world import NEW, OLD, UpdateWorld, write

from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.update_record import read_update
from ttsopt.errors import RefusedError, TtsoptError, UsageError
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback
from ttsopt.operations.update import Outcome, UpdateRequest, update

NINE = "toy/steps.steps=9"
ALL = ["toy/kept", "toy/rate", "toy/shown", "toy/steps"]
FIT = ["toy/kept", "toy/rate", "toy/steps"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UpdateWorld:
    """A patched clone; upstream is as far as the clone is."""
    made = UpdateWorld(tmp_path).make()
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: made.catalogue)
    made.apply(NINE)
    assert made.applied() == ALL
    return made


def go(world: UpdateWorld, to: str = "", **options: bool) -> Outcome:
    dry_run = options.pop("dry_run", False)
    return update(world.top, UpdateRequest(to, **options), dry_run=dry_run).outcome  # type: ignore[arg-type]


def refused(world: UpdateWorld, code: str, to: str = "", **options: bool) -> TtsoptError:
    """The update is refused, and nothing is changed."""
    before, head = world.files(), world.head()
    with pytest.raises(TtsoptError) as caught:
        go(world, to, **options)
    assert caught.value.code == code, caught.value.message
    assert (world.files(), world.head(), world.applied()) == (before, head, ALL)
    assert read_update(open_checkout(world.top)) is None
    return caught.value


def test_a_plain_pull_aborts(world: UpdateWorld) -> None:
    """Why there is a command for it."""
    world.release()
    with pytest.raises(Exception, match="git"):
        git(world.top, "pull", "-q", "--ff-only")


def test_the_same_patches_with_their_values_on_the_new_version(
    world: UpdateWorld, tmp_path: Path
) -> None:
    new = world.release()
    done = update(world.top, UpdateRequest())
    assert (done.outcome, world.head()) == (Outcome.UPDATED, new)
    assert done.reapplied is not None
    assert [row.id for row in done.reapplied.left_out] == ["toy/shown"]
    assert world.applied() == FIT
    fresh = tmp_path / "fresh"
    git(tmp_path, "clone", "-q", str(world.upstream), str(fresh))
    world.apply(NINE, where=fresh)
    for path in ("toy/core.py", "toy/unchanged.py", "toy/toy_kept.py", "toy/more/new.py"):
        assert (world.top / path).read_bytes() == (fresh / path).read_bytes()
    assert not (world.top / "toy/old.py").exists()
    assert "STEPS = 9" in (world.top / "toy/core.py").read_text()
    assert world.clean() == ""


def test_a_dry_run_tells_what_would_be_left_out_and_changes_nothing(world: UpdateWorld) -> None:
    before, head = world.files(), world.head()
    new = world.release()
    done = update(world.top, UpdateRequest(), dry_run=True)
    assert (done.outcome, done.goal.new) == (Outcome.UPDATED, new)
    assert done.reapplied is not None
    assert [row.id for row in done.reapplied.left_out] == ["toy/shown"]
    assert (world.files(), world.head(), world.applied()) == (before, head, ALL)


def test_with_strict_nothing_starts_where_a_patch_does_not_fit(world: UpdateWorld) -> None:
    world.release()
    error = refused(world, "patch-refused", strict=True)
    assert "toy/shown" in error.message
    world.release({**NEW, "toy/extra.py": OLD["toy/extra.py"]})
    assert go(world, strict=True) is Outcome.UPDATED
    assert world.applied() == ALL


def test_where_nothing_is_new_nothing_is_done(world: UpdateWorld) -> None:
    before = world.files()
    assert go(world) is Outcome.UP_TO_DATE
    git(world.top, "commit", "-q", "--allow-empty", "-m", "mine")
    assert go(world) is Outcome.UP_TO_DATE
    assert world.files() == before


def test_to_takes_a_tag_a_branch_and_a_commit(world: UpdateWorld) -> None:
    first = world.release({**NEW, "README.md": "one\n"}, tag="v1")
    branch = git(world.top, "branch", "--show-current")
    last = world.release(tag="v2")
    assert (go(world, "v1"), world.head()) == (Outcome.UPDATED, first)
    assert go(world, first) is Outcome.UP_TO_DATE
    assert (go(world, branch), world.head()) == (Outcome.UPDATED, last)
    assert world.applied() == FIT
    with pytest.raises(RefusedError) as caught:
        go(world, "v1")
    assert caught.value.code == "not-forward"
    assert world.clean() == ""


def test_a_commit_that_no_branch_leads_to_is_fetched_by_its_tag(world: UpdateWorld) -> None:
    git(world.work, "checkout", "-q", "--detach")
    write(world.work, {"README.md": "aside\n"})
    git(world.work, "commit", "-q", "-a", "-m", "aside")
    git(world.work, "tag", "aside")
    git(world.work, "push", "-q", "origin", "aside")
    assert go(world, "aside") is Outcome.UPDATED
    assert world.head() == git(world.work, "rev-parse", "HEAD")


@pytest.mark.parametrize("name", ["no-such", "--upload-pack=x", "+a:refs/heads/b", "HEAD:toy"])
def test_a_name_that_is_no_commit(world: UpdateWorld, name: str) -> None:
    world.release()
    refused(world, "unknown-commit" if name != "no-such" else "fetch-failed", name)


def test_without_a_branch_or_one_to_follow(world: UpdateWorld) -> None:
    world.release()
    git(world.top, "branch", "-q", "--unset-upstream")
    assert "--to REF" in refused(world, "no-upstream").hint
    git(world.top, "checkout", "-q", "--detach")
    refused(world, "no-branch")


def test_commits_on_both_sides(world: UpdateWorld) -> None:
    git(world.top, "commit", "-q", "--allow-empty", "-m", "mine")
    world.release()
    error = refused(world, "diverged")
    assert f"ttsopt rollback {world.top}" in error.hint


def edit(world: UpdateWorld) -> None:
    write(world.top, {"README.md": "mine\n"})


def edit_patched(world: UpdateWorld) -> None:
    core = world.top / "toy/core.py"
    core.write_text(core.read_text() + "# mine\n")


def stage(world: UpdateWorld) -> None:
    edit(world)
    git(world.top, "add", "README.md")
    write(world.top, {"README.md": "toy\n"})


def delete(world: UpdateWorld) -> None:
    (world.top / "toy/old.py").unlink()


def make_executable(world: UpdateWorld) -> None:
    (world.top / "toy/old.py").chmod(0o755)


def commit_patches(world: UpdateWorld) -> None:
    git(world.top, "commit", "-q", "-m", "patched", "toy/unchanged.py")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (edit, "README.md: it was edited"),
        (edit_patched, "toy/core.py: it was edited"),
        (stage, "README.md: it is staged"),
        (delete, "toy/old.py: it was deleted"),
        (make_executable, "toy/old.py: its mode was changed"),
        (commit_patches, "toy/unchanged.py: without the patches"),
    ],
)
def test_what_is_uncommitted_is_named(world: UpdateWorld, change: object, path: str) -> None:
    assert callable(change)
    change(world)
    if change is commit_patches:  # else there is a commit that the remote lacks
        git(world.top, "push", "-q", "origin", "HEAD")
        git(world.work, "pull", "-q", "--ff-only", "origin", "HEAD")
    world.release()
    error = refused(world, "uncommitted")
    assert path in error.message
    assert f"ttsopt rollback {world.top} && git -C {world.top} stash &&" in error.hint


def test_edits_made_before_the_patches_count_too(world: UpdateWorld) -> None:
    rollback(world.top)
    edited = OLD["toy/core.py"] + "# mine\n"
    write(world.top, {"toy/core.py": edited})
    world.apply(NINE)
    world.release()
    assert "toy/core.py: without the patches" in refused(world, "uncommitted").message


def test_files_of_no_commit_stay_unless_they_are_in_the_way(world: UpdateWorld) -> None:
    write(world.top, {"weights.bin": "x", "toy/more/own.py": "x = 1\n"})
    world.release()
    write(world.top, {"toy/more/new.py": "mine\n"})
    assert "toy/more/new.py" in refused(world, "in-the-way").message
    (world.top / "toy/more/new.py").unlink()
    assert go(world) is Outcome.UPDATED
    assert (world.top / "toy/more/own.py").read_text() == "x = 1\n"


def test_an_ignored_file_in_the_way_is_not_overwritten(world: UpdateWorld) -> None:
    (world.top / ".git/info/exclude").write_text("new.py\n")
    world.release()
    write(world.top, {"toy/more/new.py": "mine\n"})
    refused(world, "in-the-way")


def test_line_ends_that_git_made_are_no_edit(tmp_path: Path, world: UpdateWorld) -> None:
    git(world.top, "config", "core.autocrlf", "true")
    readme = world.top / "README.md"
    readme.unlink()
    git(world.top, "checkout", "-q", "--", "README.md")
    assert readme.read_bytes() == b"toy\r\n"
    world.release()
    assert go(world) is Outcome.UPDATED
    assert readme.read_bytes() == b"toy, version 2\r\n"


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 3\n"


def test_lfs_submodules_and_filters_are_left_to_git(world: UpdateWorld) -> None:
    world.release({**NEW, "model.bin": POINTER % 1})
    error = refused(world, "lfs")
    assert "model.bin" in error.message
    assert f"git -C {world.top} pull --ff-only && ttsopt reapply" in error.hint
    world.release({**NEW, ".gitattributes": "*.bin filter=own\n"})
    assert ".gitattributes" in refused(world, "filters").message
    world.release(NEW)
    sha = git(world.work, "rev-parse", "HEAD")
    git(world.work, "update-index", "--add", "--cacheinfo", f"160000,{sha},third_party")
    git(world.work, "commit", "-q", "-m", "module")
    git(world.work, "push", "-q", "origin", "HEAD")
    assert "third_party" in refused(world, "submodules").message


def test_what_does_not_move_may_be_kept_by_lfs(world: UpdateWorld) -> None:
    rollback(world.top)
    files = {**OLD, "model.bin": POINTER % 1, ".gitattributes": "*.bin filter=lfs\n"}
    world.release(files)
    git(world.top, "pull", "-q")
    world.apply(NINE)
    world.release({**files, **NEW})
    (world.top / "toy/old.py").unlink(missing_ok=True)
    git(world.top, "checkout", "-q", "--", "toy/old.py")
    assert go(world) is Outcome.UPDATED


MARK = "touch {mark}; cat"


def test_nothing_that_the_checkout_names_is_run(world: UpdateWorld, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    command = f"sh -c 'touch {mark}; cat'"
    for name in ("filter.own.clean", "filter.own.smudge", "filter.a=b.clean", "core.fsmonitor"):
        git(world.top, "config", name, command)
    git(world.top, "config", "filter.own.required", "true")
    (world.top / ".git/info/attributes").write_text("unchanged.py filter=own\nold.py filter=a=b\n")
    hooks = world.top / ".git/hooks"
    for name in ("post-merge", "reference-transaction", "post-checkout", "pre-merge-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    mark.unlink(missing_ok=True)
    world.release({**NEW, "toy/old.py": OLD["toy/old.py"]})
    assert go(world) is Outcome.UPDATED
    assert not mark.exists()


@pytest.mark.parametrize(
    "name", ["core.sshCommand", "credential.helper", "remote.origin.uploadpack"]
)
def test_a_repository_that_names_programs_is_not_fetched(world: UpdateWorld, name: str) -> None:
    git(world.top, "config", name, "touch ran")
    world.release()
    assert name.lower() in refused(world, "foreign-programs").message.lower()
    git(world.top, "config", "--unset", name)
    git(world.top, "fetch", "-q")
    git(world.top, "config", name, "touch ran")
    assert go(world, with_fetch=False) is Outcome.UPDATED


def test_a_fetch_that_fails(world: UpdateWorld) -> None:
    git(world.top, "remote", "set-url", "origin", str(world.folder / "nowhere"))
    error = refused(world, "fetch-failed")
    assert error.exit_code == 5
    git(world.top, "remote", "set-url", "origin", f"ext::sh -c 'touch {world.folder}/ran'")
    refused(world, "fetch-failed")
    assert not (world.folder / "ran").exists()


def test_where_the_system_is_gone_nothing_starts(world: UpdateWorld) -> None:
    world.release({"README.md": "moved\n"})
    refused(world, "no-system")


def test_git_in_the_middle_of_something(world: UpdateWorld) -> None:
    world.release()
    lock = world.top / ".git/index.lock"
    lock.touch()
    assert str(lock) in refused(world, "git-busy").message
    lock.unlink()
    (world.top / ".git/MERGE_HEAD").write_text(world.head() + "\n")
    refused(world, "git-busy")


def test_places_that_are_no_top_of_a_patched_checkout(world: UpdateWorld, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        update(world.top / "toy", UpdateRequest())
    assert (caught.value.code, str(world.top) in caught.value.hint) == ("not-the-top", True)
    rollback(world.top)
    world.release()
    with pytest.raises(RefusedError) as caught:
        go(world)
    assert caught.value.code == "nothing-applied"
    (tmp_path / "plain").mkdir()
    with pytest.raises(RefusedError) as caught:
        update(tmp_path / "plain", UpdateRequest())
    assert caught.value.code == "no-repository"


OWN = "--- a/README.md\n+++ b/README.md\n@@ -1 +1,2 @@\n toy\n+patched\n"


def test_a_patch_file_of_ones_own_has_to_be_given_again(world: UpdateWorld, tmp_path: Path) -> None:
    own = tmp_path / "mine.patch"
    own.write_text(OWN)
    apply(PlanRequest(Target(world.top), Selection(files=(own,))))
    world.release({**NEW, "README.md": "toy\n"})
    planned = update(world.top, UpdateRequest(), dry_run=True).reapplied
    assert planned is not None
    assert [row.id for row in planned.left_out] == ["file/mine", "toy/shown"]
    done = update(world.top, UpdateRequest(patch_files=(own,))).reapplied
    assert done is not None
    assert [row.id for row in done.left_out] == ["toy/shown"]
    assert (world.top / "README.md").read_text() == "toy\npatched\n"


def test_an_unknown_patch_file_is_told_before_anything_starts(world: UpdateWorld) -> None:
    world.release()
    before = world.files()
    with pytest.raises(UsageError):
        update(world.top, UpdateRequest(patch_files=(Path("no-such.patch"),)))
    assert world.files() == before


@pytest.mark.parametrize("dry_run", [False, True])
def test_state_that_is_not_yours_is_not_brought_forward(
    world: UpdateWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    world.release()
    before, head = world.files(), world.head()
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(tmp_path / "of another user"))
    with pytest.raises(RefusedError) as caught:
        go(world, dry_run=dry_run)
    assert caught.value.code == "foreign-state"
    assert (world.files(), world.head()) == (before, head)
