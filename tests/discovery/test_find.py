from __future__ import annotations

import os
from pathlib import Path

import pytest
from toy_checkout import OTHER, SYSTEM, put

from ttsopt.discovery.find import find_systems
from ttsopt.domain.system import FileSignature, Layout, System


def find(directory: Path) -> list[tuple[str, str, str]]:
    return [
        (one.system.id, one.root, one.layout.name)
        for one in find_systems(directory, [SYSTEM, OTHER])
    ]


def test_the_source_layout_wins_over_the_package_inside_it(tmp_path: Path) -> None:
    assert find(put(tmp_path)) == [("toy", ".", "src/toy")]
    (found,) = find_systems(tmp_path, [SYSTEM])
    assert found.evidence == (
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


@pytest.mark.parametrize(
    ("anchor", "there"),
    [
        ("def DiT.step", True),
        ("def DiT.late", True),
        ("class DiT.Inner", True),
        ("def DiT.Inner.deep", True),
        ("def Inner.deep", True),
        ("def DiT.deep", True),
        ("def DiT.other", False),
        ("def Inner.late", False),
        ("def Other.step", False),
        ("def DiT.missing", False),
        ("class DiT.step", False),
        ("def other", True),
    ],
)
def test_a_definition_inside_another(tmp_path: Path, anchor: str, there: bool) -> None:
    text = (
        "class DiT(Base):\n    text = '''\nat the margin\n'''\n    async def step(self): ...\n"
        "    class Inner:\n        def deep(self): ...\n    @property\n    def late(self): ...\n"
        "def other(): ...\nclass Other: ...\n"
    )
    (tmp_path / "a.py").write_text(text)
    system = System("one", "", "", (Layout("a", (FileSignature("a.py", (anchor,)),)),))
    assert bool(find_systems(tmp_path, [system])) is there


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


def test_a_conda_environment_below_is_not_entered(tmp_path: Path) -> None:
    site = put(tmp_path / "env" / "lib" / "site-packages", "")
    (tmp_path / "env" / "conda-meta").mkdir()
    assert find(tmp_path) == []
    assert find(site) == [("toy", ".", "toy")]


def test_an_environment_hides_also_what_lies_beside_its_mark(tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "infer.py").write_bytes(b"class Other: ...\n")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    assert find(tmp_path) == []


def test_copies_in_copies_are_roots_of_their_own(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path / "src" / "third_party" / "Toy")
    put(tmp_path / "src" / "third_party" / "Toy" / "build" / "lib", "")
    assert find(tmp_path) == [
        ("toy", ".", "src/toy"),
        ("toy", "src/third_party/Toy", "src/toy"),
        ("toy", "src/third_party/Toy/build/lib", "toy"),
    ]
    assert find(tmp_path / "src" / "third_party") == [
        ("toy", "Toy", "src/toy"),
        ("toy", "Toy/build/lib", "toy"),
    ]


@pytest.mark.parametrize("below", ["src/toy", "src/toy/model", "docs"])
def test_a_folder_in_a_checkout_knows_it_by_its_first_file_alone(
    tmp_path: Path, below: str
) -> None:
    (put(tmp_path) / "docs").mkdir()
    assert find(tmp_path / below) == ([("toy", "../..", "src/toy")] * (below == "src/toy"))


def test_a_submodule_that_was_not_fetched_is_no_system(tmp_path: Path) -> None:
    (tmp_path / "third_party" / "toy" / "src").mkdir(parents=True)
    (tmp_path / "third_party" / "toy" / ".git").write_text("gitdir: ../../.git/modules/toy\n")
    assert find(tmp_path) == []


def test_a_huge_file_proves_nothing(tmp_path: Path) -> None:
    with (put(tmp_path) / "src/toy/model/dit.py").open("ab") as file:
        file.truncate(2 * 1024**3)
    assert find(tmp_path) == []


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
