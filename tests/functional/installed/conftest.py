"""Environments of a test's own with a package in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli
from installed_packages import (
    TOY,
    Environment,
    make_environment,
    make_wheel,
    pip_install,
    sample_wheel,
    site_packages,
)
from toy_catalogue import SYSTEM

LAID_OUT = """
id = "toy/kept"
version = 1
summary = "Lays a module out"
why = "To see what becomes of it."
effect = "exact"
device = "any"
[[files]]
paths = ["toy.py"]
[[files.edits]]
in = "Toy.speak"
decorate = "kept"
[[files.edits]]
add_file = "toy_kept.py"
import = ["kept"]
"""


@pytest.fixture
def empty(tmp_path: Path) -> Environment:
    python = make_environment(tmp_path / "env")
    return Environment(python, site_packages(python))


@pytest.fixture
def env(empty: Environment, tmp_path: Path) -> Environment:
    """With the sample synthesiser installed by pip."""
    pip_install(empty.python, sample_wheel(tmp_path))
    return empty


@pytest.fixture
def toys(tmp_path: Path) -> Path:
    """A catalogue of one patch that lays out a module."""
    catalogue = tmp_path / "catalogue"
    (catalogue / "toy" / "kept").mkdir(parents=True)
    (catalogue / "_helpers").mkdir()
    (catalogue / "_helpers" / "toy_kept.py").write_text("def kept(body):\n    return body\n")
    (catalogue / "toy" / "system.toml").write_text(SYSTEM)
    (catalogue / "toy" / "kept" / "patch.toml").write_text(LAID_OUT)
    return catalogue


@pytest.fixture
def patched_toy(cli: Cli, empty: Environment, toys: Path, tmp_path: Path) -> tuple[object, ...]:
    """The options that name a package with a patch applied that laid a module out beside it."""
    pip_install(empty.python, make_wheel(tmp_path, "toy-tts", "1.0", TOY))
    applied = cli("apply", *empty.of("toy-tts"), "--catalog", toys, "--json")
    assert [row["patch"] for row in applied.data["applied"]] == ["toy/kept"]
    assert (empty.site / "toy_kept.py").exists()
    return empty.of("toy-tts")
