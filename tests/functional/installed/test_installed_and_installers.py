"""A patched package, and what pip and uv do to it before, meanwhile and after."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from cli_driver import Cli, Tree
from installed_packages import (
    ACOUSTIC,
    Environment,
    make_wheel,
    own_files,
    pip,
    pip_install,
    run,
    sample_wheel,
)


def test_nothing_of_the_package_is_left_after_rollback_and_uninstall(
    cli: Cli, empty: Environment, tmp_path: Path
) -> None:
    before = own_files(empty)
    pip_install(empty.python, sample_wheel(tmp_path))
    cli("apply", *empty.sample, "--effect", "lossy")
    assert empty.steps() == 8
    cli("rollback", *empty.sample)
    assert empty.steps() == 32
    pip(empty.python, "uninstall", "--yes", "--quiet", "sample-tts")
    assert own_files(empty) == before


def test_the_copy_in_uvs_cache_keeps_its_bytes(
    cli: Cli, empty: Environment, tmp_path: Path, tree: Tree
) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("there is no uv here: pip install uv")
    options = ("--quiet", "--offline", "--no-config", "--cache-dir", tmp_path / "cache")
    install = ("install", "--no-deps", "--link-mode", "hardlink", sample_wheel(tmp_path))
    before = own_files(empty)
    run(Path(uv), "pip", install[0], *options, "--python", empty.python, *install[1:])
    assert (empty.site / ACOUSTIC).stat().st_nlink > 1
    cached, installed = tree(tmp_path / "cache"), tree(empty.site)
    cli("apply", *empty.sample, "--effect", "lossy")
    assert (empty.steps(), tree(tmp_path / "cache")) == (8, cached)
    cli("rollback", *empty.sample)
    assert (tree(empty.site), tree(tmp_path / "cache")) == (installed, cached)
    run(Path(uv), "pip", "uninstall", *options, "--python", empty.python, "sample-tts")
    assert {path for path in own_files(empty) - before if "__pycache__" not in path} == set()


def test_what_is_left_when_a_patched_package_is_uninstalled_is_told_and_goes(
    cli: Cli, empty: Environment, patched_toy: tuple[object, ...], tree: Tree
) -> None:
    pip(empty.python, "uninstall", "--yes", "--quiet", "toy-tts")
    gone = cli("status", *patched_toy, "--json")
    assert (gone.code, gone.error["code"]) == (5, "not-installed")
    assert str(empty.site.resolve()) in gone.error["hint"]
    states = {
        row["path"]: row["state"] for row in cli("status", empty.site, "--json").data["files"]
    }
    assert states == {"toy.py": "missing", "toy_kept.py": "applied"}
    assert cli("rollback", empty.site).code == 0
    assert tree(empty.site) == {}
    assert not (empty.site / ".ttsopt").exists()


def test_a_package_that_was_installed_anew_keeps_its_new_files(
    cli: Cli, env: Environment, tmp_path: Path, tree: Tree
) -> None:
    cli("apply", *env.sample, "--effect", "lossy")
    pip_install(env.python, sample_wheel(tmp_path), "--force-reinstall")
    new = tree(env.site)
    states = {row["state"] for row in cli("status", *env.sample, "--json").data["files"]}
    assert states == {"drifted"}
    assert (cli("rollback", *env.sample).code, tree(env.site)) == (0, new)
    assert not (env.site / ".ttsopt").exists()


def test_an_upgraded_package_keeps_its_new_files(
    cli: Cli, env: Environment, tmp_path: Path, tree: Tree
) -> None:
    cli("apply", *env.sample, "--effect", "lossy")
    pip_install(env.python, sample_wheel(tmp_path, "1.3.0", b"# A newer one.\n"), "--upgrade")
    new = tree(env.site)
    assert (cli("rollback", *env.sample).code, tree(env.site)) == (0, new)
    assert not (env.site / ".ttsopt").exists()


def test_an_upgraded_package_takes_the_patches_again(
    cli: Cli, env: Environment, tmp_path: Path, tree: Tree
) -> None:
    cli("apply", *env.sample, "--effect", "lossy")
    pip_install(env.python, sample_wheel(tmp_path, "1.3.0", b"# A newer one.\n"), "--upgrade")
    new = tree(env.site)
    again = cli("apply", *env.sample, "--effect", "lossy", "--json")
    assert (again.code, len(again.data["applied"])) == (0, 4)
    assert (env.site / ACOUSTIC).read_bytes().startswith(b"# A newer one.\n")
    assert env.steps() == 8
    assert (cli("rollback", *env.sample).code, tree(env.site)) == (0, new)


@pytest.mark.upstream
def test_the_real_f5_tts_as_pip_installs_it(
    cli: Cli, empty: Environment, tmp_path: Path, tree: Tree
) -> None:
    folder = os.environ.get("TTSOPT_SITE_PACKAGES")
    if not folder:
        pytest.skip("TTSOPT_SITE_PACKAGES names no site-packages folder with f5-tts in it")
    code = {f"f5_tts/{path}": data for path, data in tree(Path(folder) / "f5_tts").items()}
    nothing = own_files(empty)
    pip_install(empty.python, make_wheel(tmp_path, "f5-tts", "1.1.22", code))
    before = tree(empty.site)
    applied = cli("apply", *empty.of("F5_TTS"), "--effect", "lossy", "--json").data["applied"]
    assert {row["patch"] for row in applied} >= {"f5-tts/nfe-step", "f5-tts/tf32"}
    assert cli("rollback", *empty.of("f5-tts")).code == 0
    assert tree(empty.site) == before
    pip(empty.python, "uninstall", "--yes", "--quiet", "f5-tts")
    assert own_files(empty) == nothing
