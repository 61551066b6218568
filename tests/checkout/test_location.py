from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.checkout.state.location import open_checkout
from ttsopt.errors import RefusedError, UsageError


@pytest.mark.parametrize(
    "path",
    [
        "../outside.py",
        "/etc/hosts",
        "a/../../outside.py",
        ".git/config",
        ".ttsopt/journal.json",
        "sub/.git/x",
        ".GIT/config",
        ".Git/config",
        ".TTSOPT/journal.json",
        ".git./config",
        ".git /config",
        ".g\u200cit/config",
        "GIT~1/config",
        ".git::$INDEX_ALLOCATION/config",
    ],
)
def test_what_is_no_file_of_the_checkout_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(RefusedError) as caught:
        open_checkout(tmp_path).locate(path)
    assert caught.value.code == "outside"


def test_names_that_only_look_like_gits_are_files_like_others(tmp_path: Path) -> None:
    for path in (".gitignore", "git/config", ".github/x", "x.git/y", "ttsopt/z"):
        assert open_checkout(tmp_path).locate(path) == tmp_path.resolve() / path


def test_links_out_are_refused_and_links_inside_followed(tmp_path: Path) -> None:
    outside, top = tmp_path / "outside.py", tmp_path / "top"
    (top / "sub").mkdir(parents=True)
    outside.write_text("x", encoding="utf-8")
    (top / "real.py").write_text("x", encoding="utf-8")
    (top / "out.py").symlink_to(outside)
    (top / "folder").symlink_to(tmp_path)
    (top / "sub" / "in.py").symlink_to("../real.py")
    (top / "to-git").symlink_to(".git")
    checkout = open_checkout(top)
    assert checkout.locate("sub/in.py") == (top / "real.py").resolve()
    for path in ("out.py", "folder/outside.py", "to-git/config"):
        with pytest.raises(RefusedError):
            checkout.locate(path)


def test_top_is_the_nearest_state_then_git_then_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "third_party" / "system"
    inner.mkdir(parents=True)
    assert open_checkout(inner).top == inner.resolve()
    (tmp_path / "repository" / ".git").mkdir()
    assert open_checkout(inner).top == (tmp_path / "repository").resolve()
    state = tmp_path / "repository" / "third_party" / ".ttsopt"
    state.mkdir()
    assert open_checkout(inner).top == (tmp_path / "repository").resolve()
    (state / "journal.json").write_text("{}", encoding="utf-8")
    assert open_checkout(inner).top == state.parent.resolve()


def test_paths_translate_both_ways(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    checkout = open_checkout(tmp_path / "a" / "b")
    assert checkout.from_top("c.py") == "a/b/c.py"
    assert checkout.from_top("./c.py") == "a/b/c.py"
    assert checkout.from_directory("a/b/c.py") == "c.py"
    assert checkout.from_directory("d.py") == "../../d.py"
    assert checkout.from_top(checkout.from_directory("d.py")) == "d.py"


def test_only_a_folder_is_a_checkout(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x", encoding="utf-8")
    for path, words in ((file, "is a file"), (tmp_path / "no", "does not exist")):
        with pytest.raises(UsageError, match=words) as caught:
            open_checkout(path)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["site-packages", "dist-packages"])
def test_installed_packages_are_no_part_of_a_repository(tmp_path: Path, name: str) -> None:
    packages = tmp_path / "service" / ".venv" / "lib" / name
    inner = packages / "f5_tts" / "infer"
    inner.mkdir(parents=True)
    (tmp_path / "service" / ".git").mkdir()
    state = tmp_path / "service" / ".ttsopt"
    state.mkdir()
    (state / "journal.json").write_text("{}", encoding="utf-8")
    assert open_checkout(inner).top == packages.resolve()
    assert open_checkout(packages).top == packages.resolve()
    assert open_checkout(packages.parent).top == (tmp_path / "service").resolve()


def test_each_checkout_has_a_folder_of_its_own_in_the_state_folder(
    tmp_path: Path, state_home: Path
) -> None:
    (tmp_path / "a" / "sub").mkdir(parents=True)
    (tmp_path / "b" / ".git").mkdir(parents=True)
    (tmp_path / "b" / "sub").mkdir()
    (tmp_path / "link").symlink_to("a")
    one, other = open_checkout(tmp_path / "a"), open_checkout(tmp_path / "b")
    assert one.copy.parent == state_home.resolve() / "checkouts"
    assert one.copy != other.copy
    assert open_checkout(tmp_path / "b" / "sub").copy == other.copy
    assert open_checkout(tmp_path / "link").copy == one.copy


def test_an_account_without_a_home_keeps_its_state_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TTSOPT_STATE_HOME")
    monkeypatch.setattr("os.path.expanduser", str)  # of an account that nothing is known of
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    copy = open_checkout(tmp_path).copy
    assert copy.is_absolute()
    with pytest.raises(OSError, match="Not a directory"):
        copy.mkdir(parents=True)
