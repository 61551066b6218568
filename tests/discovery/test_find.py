from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ttsopt.discovery.find import find_systems
from ttsopt.domain.system import FileSignature, FoundSystem, Layout, Shape, System

INFER = FileSignature("src/toy/infer.py", ("def infer",))
MODEL = FileSignature("src/toy/model/dit.py", ("class DiT",))
FLAT = tuple(FileSignature(file.path.removeprefix("src/"), file.defines) for file in (INFER, MODEL))
SYSTEM = System(
    "toy",
    "Toy",
    "",
    layouts=(Layout("src/toy", (INFER, MODEL), ("src",)), Layout("toy", FLAT, copy=("toy",))),
    package="Toy.TTS",
    shapes=(
        Shape("2 or newer", ("src/toy/infer.py", "toy/infer.py"), "def infer_fast"),
        Shape("1", ("toy/infer.py",), "def infer"),
    ),
)
OTHER = System(
    "other", "Other", "", (Layout("flat", (FileSignature("infer.py", ("class Other",)),)),)
)


def put(root: Path, prefix: str = "src/", infer: str = "def infer():\n    pass\n") -> Path:
    for path, text in (
        ("toy/infer.py", infer),
        ("toy/model/dit.py", "class DiT(Base):\n    pass\n"),
    ):
        file = root / prefix / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return root


def find(directory: Path) -> list[tuple[str, str, str]]:
    return [
        (one.system.id, one.root, one.layout.name)
        for one in find_systems(directory, [SYSTEM, OTHER])
    ]


def only(directory: Path) -> FoundSystem:
    (found,) = find_systems(directory, [SYSTEM])
    return found


def test_the_source_layout_wins_over_the_package_inside_it(tmp_path: Path) -> None:
    assert find(put(tmp_path)) == [("toy", ".", "src/toy")]
    assert only(tmp_path).evidence == (
        "src/toy/infer.py: def infer",
        "src/toy/model/dit.py: class DiT",
    )


def test_the_package_alone(tmp_path: Path) -> None:
    assert find(put(tmp_path, "")) == [("toy", ".", "toy")]


def test_source_and_a_built_copy_at_one_root_are_the_source(tmp_path: Path) -> None:
    put(put(tmp_path), "")
    assert find(tmp_path) == [("toy", ".", "src/toy")]


def test_below_a_sub_folder_the_root_is_told(tmp_path: Path) -> None:
    put(tmp_path / "third_party" / "Toy")
    assert find(tmp_path) == [("toy", "third_party/Toy", "src/toy")]


def test_a_part_of_a_checkout_is_told_by_the_root_above_it(tmp_path: Path) -> None:
    put(tmp_path)
    assert find(tmp_path / "src") == [("toy", "..", "src/toy")]


def test_all_copies_are_told_the_root_first(tmp_path: Path) -> None:
    for root, prefix in ((".", "src/"), ("backend", ""), ("a copy", "src/")):
        put(tmp_path / root, prefix)
    assert find(tmp_path) == [
        ("toy", ".", "src/toy"),
        ("toy", "a copy", "src/toy"),
        ("toy", "backend", "toy"),
    ]


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("class DiT(Base): ...", True),
        ("class DiT:", True),
        ("class DiT[T](Base):", True),
        ("  class  DiT (Base):", True),
        ("\ufeffclass DiT:", True),
        ("# 语\r\nclass DiT:\r\n", True),
        ("class DiTX:", False),
        ("class MyDiT:", False),
        ("class DiT2(DiT):", False),
        ("# class DiT:", False),
        ("x = DiT()", False),
        ("def DiT():", False),
        ("class dit:", False),
    ],
)
def test_definitions_are_exact(tmp_path: Path, text: str, there: bool) -> None:
    put(tmp_path)
    (tmp_path / "src/toy/model/dit.py").write_bytes(text.encode())
    assert bool(find(tmp_path)) is there


@pytest.mark.parametrize(
    "text",
    ["async def infer(x):", "def infer (x):\r\n", "def infer[T](x):", "if (:\n    def infer():"],
)
def test_functions_count_also_in_a_file_that_does_not_parse(tmp_path: Path, text: str) -> None:
    assert find(put(tmp_path, infer=text))


def test_part_of_a_signature_is_no_system(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "src/toy/model/dit.py").unlink()
    assert find(tmp_path) == []
    assert find(tmp_path / "src") == []


def test_two_systems_in_one_tree(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "infer.py").write_bytes(b"class Other: ...\n")
    assert find(tmp_path) == [("other", ".", "flat"), ("toy", ".", "src/toy")]


@pytest.mark.parametrize("folder", [".git", "node_modules", "__pycache__", ".ttsopt", ".tox"])
def test_folders_that_hold_no_source_are_not_entered(tmp_path: Path, folder: str) -> None:
    put(tmp_path / folder)
    assert find(tmp_path) == []


def test_an_environment_below_is_not_entered_but_may_be_named(tmp_path: Path) -> None:
    site = put(tmp_path / "venv" / "lib" / "site-packages", "")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    assert find(tmp_path) == []
    assert find(site) == [("toy", ".", "toy")]
    assert find(tmp_path / "venv") == [("toy", "lib/site-packages", "toy")]


def test_links_are_not_followed_and_loops_end(tmp_path: Path) -> None:
    put(tmp_path / "real")
    (tmp_path / "real" / "loop").symlink_to("..")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "link").symlink_to("real")
    assert find(tmp_path) == [("toy", "real", "src/toy")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_a_folder_that_cannot_be_read_is_passed_over(tmp_path: Path, mode: int) -> None:
    put(tmp_path / "open")
    hidden = put(tmp_path / "half") / "src/toy/model"
    hidden.chmod(mode)
    try:
        assert find(tmp_path) == [("toy", "open", "src/toy")]
    finally:
        hidden.chmod(0o755)


# --- versions ------------------------------------------------------------------------------------


def git(directory: Path, *arguments: str) -> str:
    command = [
        "git",
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        *arguments,
    ]
    done = subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def repository(directory: Path) -> str:
    git(directory, "init", "-q")
    git(directory, "add", ".")
    git(directory, "commit", "-q", "-m", "first")
    git(directory, "tag", "v1.1.3")
    return git(directory, "rev-parse", "HEAD")


def test_git_knows_the_version_best(tmp_path: Path) -> None:
    commit = repository(put(tmp_path))
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'toy-tts'\nversion = '9'\n", encoding="utf-8"
    )
    version = only(tmp_path).version
    assert (version.label, version.source, version.commit) == ("v1.1.3", "git", commit)


def test_git_environment_of_a_hook_does_not_answer_for_another_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository(put(tmp_path / "toy"))
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "x").touch()
    repository(tmp_path / "outer")
    git(tmp_path / "outer", "commit", "--allow-empty", "-q", "-m", "second")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "outer" / ".git"))
    assert only(tmp_path / "toy").version.commit == commit


def test_a_copy_inside_a_repository_does_not_take_its_tags(tmp_path: Path) -> None:
    put(tmp_path / "vendored", "")
    repository(tmp_path)
    assert only(tmp_path).version.source == "code"


def test_the_package_says_it_where_git_does_not(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'toy_tts'\nversion = '1.2'\n", encoding="utf-8"
    )
    version = only(tmp_path).version
    assert (version.label, version.source) == ("1.2", "package")


@pytest.mark.parametrize(
    "text", ["[project]\nname = 'service'\nversion = '8'\n", "[project", "project = 7\n"]
)
def test_the_project_around_a_copy_does_not_say_it(tmp_path: Path, text: str) -> None:
    put(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert only(tmp_path).version.source == "unknown"


def test_an_installed_package_says_it(tmp_path: Path) -> None:
    put(tmp_path, "")
    for name in ("other-3.0.dist-info", "toy_tts-1.1.22.dist-info"):
        (tmp_path / name).mkdir()
    version = only(tmp_path).version
    assert (version.label, version.source) == ("1.1.22", "package")


def test_the_code_says_it_at_last(tmp_path: Path) -> None:
    put(tmp_path / "a", infer="def infer(): ...\ndef infer_fast(): ...\n")
    put(tmp_path / "b", "")
    labels = [one.version.label for one in find_systems(tmp_path, [SYSTEM])]
    assert labels == ["2 or newer", "1"]
