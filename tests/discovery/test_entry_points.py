"""What a user runs of a checkout, and the files that it imports, as their text says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.discovery.entry_points import entry_points, told_files
from ttsopt.discovery.find import find_systems
from ttsopt.discovery.imports import Imports
from ttsopt.domain.system import FileSignature, FoundSystem, Layout, System

SYSTEM = System(
    "toy",
    "Toy",
    "",
    (Layout("toy", (FileSignature("toy/infer.py", ("class Toy",)),), (".", "lib")),),
    entry_points=("webui*.py", "run/*/server.py"),
)


def put(root: Path, **files: str) -> Path:
    for name, text in files.items():
        file = root / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def toy(root: Path, **files: str) -> FoundSystem:
    (found,) = find_systems(put(root, toy__infer="class Toy: ...\n", **files), [SYSTEM])
    return found


@pytest.mark.parametrize(
    "text",
    [
        "from toy.infer import Toy",
        "import toy.infer",
        "import os, toy.infer as t",
        "from toy import (\n    other,\n    infer,\n)",
        "if a:\n    from toy.infer import Toy",
        "from toy.infer import *",
        "from .toy import infer",
        "from .toy.infer import Toy",
    ],
)
def test_imports_in_any_form(tmp_path: Path, text: str) -> None:
    put(tmp_path, toy__infer="", webui=text + "\n")
    assert Imports(tmp_path, (".",)).reached_from("webui.py") == ("webui.py", "toy/infer.py")


@pytest.mark.parametrize(
    "text",
    ["# import toy.infer", "import_module('toy.infer')", "from ... import toy", "import x.y"],
)
def test_what_is_no_import_or_leads_elsewhere(tmp_path: Path, text: str) -> None:
    put(tmp_path, toy__infer="", webui=text + "\n")
    assert Imports(tmp_path, (".",)).reached_from("webui.py") == ("webui.py",)


def test_imports_are_followed_through_packages_import_paths_and_rings(tmp_path: Path) -> None:
    put(
        tmp_path,
        webui="from toy.api import speak\n",
        toy____init__="",
        toy__api="from .infer import Toy\nimport helper\n",
        toy__infer="from toy import api\n",
        lib__helper="from helper import x\n",
    )
    (tmp_path / "toy" / "__init__.py").touch()
    reached = Imports(tmp_path, (".", "lib")).reached_from("webui.py")
    assert set(reached) >= {"webui.py", "toy/api.py", "toy/infer.py", "lib/helper.py"}
    assert len(reached) == len(set(reached))


def test_no_file_outside_of_the_root_is_reached(tmp_path: Path) -> None:
    above = "from ..secret import x\nfrom .. import secret\nimport secret\nfrom ...top import x\n"
    put(tmp_path, secret="")
    put(tmp_path / "a", top="", b__webui=above)
    assert Imports(tmp_path / "a", (".",)).reached_from("b/webui.py") == ("b/webui.py",)


def test_what_several_entry_points_import_is_followed_from_each(tmp_path: Path) -> None:
    put(
        tmp_path, webui="import toy.infer\n", api="import toy.infer\n", toy__infer="import helper\n"
    )
    put(tmp_path, helper="")
    imports = Imports(tmp_path, (".",))
    for file in ("webui.py", "api.py"):
        assert imports.reached_from(file) == (file, "toy/infer.py", "helper.py")


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, toy__infer="", webui="import toy.infer\n" + "#" * 2**20)
    assert Imports(tmp_path, (".",)).reached_from("webui.py") == ("webui.py",)


def test_entry_points_by_the_system_s_own_patterns(tmp_path: Path) -> None:
    found = toy(
        tmp_path,
        webui_2="from toy.infer import Toy\n",
        run__fast__server="import toy.infer\n",
        other="import toy.infer\n",
    )
    points = entry_points(tmp_path, found)
    assert [point.file for point in points] == ["webui_2.py", "run/fast/server.py"]
    assert all(told_files(tmp_path, found, point) == ("toy/infer.py",) for point in points)


def test_a_checkout_below_the_folder(tmp_path: Path) -> None:
    found = toy(tmp_path / "deep" / "er", webui="import toy.infer\n")
    (point,) = entry_points(tmp_path / "deep" / "er", found)
    assert point.reaches == ("webui.py", "toy/infer.py")
