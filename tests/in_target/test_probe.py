"""The probe through its door."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree


def test_the_probe_tells_what_is_there_and_names_what_is_missing(tree: Tree) -> None:
    modules = ["json", "xml.dom", "xml.no_such", "no_such_module", "no_such.part", "math.x"]
    ran = tree.ask({"protocol": 1, "modules": modules}, script="probe.py")
    assert ran.returncode == 0
    assert ran.result["missing"] == ["xml.no_such", "no_such_module", "no_such.part", "math.x"]
    assert ran.result["modules"]["xml.dom"] is True
    assert ran.result["python"] == "{}.{}.{}".format(*sys.version_info[:3])
    assert ran.result["prefix"] == sys.prefix


def test_the_probe_gives_the_version_of_a_package_that_was_asked_for(tree: Tree) -> None:
    request = {"protocol": 1, "modules": [], "packages": ["pytest", "no-such-package"]}
    result = tree.ask(request, script="probe.py").result
    assert result["packages"]["pytest"] == pytest.__version__
    assert "no-such-package" not in result["packages"]


def test_the_probe_imports_nothing_of_what_it_looks_for(tree: Tree) -> None:
    tree.write("site/loud/__init__.py", "raise SystemExit('imported')\n")
    tree.write("site/loud/inner.py", "raise SystemExit('imported')\n")
    tree.environment = {"PYTHONPATH": str(tree.folder / "site")}
    request = {"protocol": 1, "modules": ["loud", "loud.inner", "loud.other"]}
    result = tree.ask(request, script="probe.py").result
    assert result["modules"] == {"loud": True, "loud.inner": True, "loud.other": False}


def test_files_of_the_probes_own_folder_are_not_taken_for_modules(tree: Tree) -> None:
    request = {"protocol": 1, "modules": ["worker", "evidence"]}
    assert tree.ask(request, script="probe.py").result["missing"] == ["worker", "evidence"]


def test_a_request_of_another_protocol_is_refused(tree: Tree) -> None:
    ran = tree.ask({"protocol": 9, "modules": []}, script="probe.py")
    assert ran.returncode == 1
    assert ran.result["ok"] is False
    assert "protocol 9" in ran.result["message"]
