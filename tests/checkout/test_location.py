from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.checkout.location import open_checkout
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
    ],
)
def test_what_is_no_file_of_the_checkout_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(RefusedError) as caught:
        open_checkout(tmp_path).locate(path)
    assert caught.value.code == "outside"


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
