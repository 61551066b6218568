"""Where a distribution is installed, and which ones have no plain files of their own."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
from installed_packages import make_environment, site_packages

from ttsopt.environment.installed import Installed, find_installed, search_path
from ttsopt.errors import CannotRunError, RefusedError, UsageError

FILES = ("toy/__init__.py", "toy/core.py", "../../../bin/toy")


def install(site: Path, *rows: str, version: str = "1.2", name: str = "Toy_Tts") -> Path:
    """A package as pip leaves it: the files below the folder, and their list."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    rows = rows or FILES
    for row in rows:
        if not row.startswith("..") and not (site / row).exists():
            (site / row).parent.mkdir(parents=True, exist_ok=True)
            (site / row).write_text("")
    own = (f"{info.name}/METADATA", f"{info.name}/RECORD")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"{row},,\n" for row in (*rows, *own)))
    return info


def found(*path: Path, name: str = "toy-tts") -> Installed:
    answer = find_installed(name, path)
    assert answer is not None
    return answer


def refusal(*path: Path) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        find_installed("toy-tts", path)
    return caught.value


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", ["toy-tts", "TOY_TTS", "toy.tts", "Toy--Tts"])
def test_any_spelling_of_the_name_finds_folder_version_and_files(site: Path, name: str) -> None:
    install(site)
    answer = found(site, name=name)
    assert (answer.name, answer.version, answer.folder) == ("toy-tts", "1.2", site)
    assert answer.files >= {"toy/__init__.py", "toy/core.py"}
    assert not [path for path in answer.files if path.endswith("bin/toy")]


@pytest.mark.parametrize("other", ["toy-tts-extra", "toy", "tts", "-toy-tts"])
def test_a_name_that_is_only_alike_is_another(site: Path, other: str) -> None:
    install(site, name=other.replace("-", "_"))
    assert find_installed("toy-tts", [site]) is None


@pytest.mark.parametrize("name", ["", "toy-tts==1.2", "./toy", "toy tts", "toy-tts[cli]", "-toy"])
def test_what_is_no_name_is_wrong_use(site: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name of an installed package"):
        find_installed(name, [site])


def test_the_first_place_on_the_path_counts_and_the_others_are_told(tmp_path: Path) -> None:
    user, system = tmp_path / "user" / "site-packages", tmp_path / "usr" / "dist-packages"
    install(user, version="2.0")
    install(system, version="1.0")
    answer = found(tmp_path / "no such entry", user, system)
    assert (answer.version, answer.folder, answer.others) == ("2.0", user, (system,))


def test_code_that_went_to_the_other_library_folder_is_found_there(tmp_path: Path) -> None:
    pure, platform = tmp_path / "lib" / "site-packages", tmp_path / "lib64" / "site-packages"
    info = install(platform)
    (platform / "toy").rename(tmp_path / "gone")
    pure.mkdir(parents=True)
    (info / "RECORD").write_text("../../lib/site-packages/toy/core.py,,\n")
    answer = found(tmp_path / "lib", platform, pure)
    assert (answer.folder, answer.files) == (pure, frozenset({"toy/core.py"}))


def test_what_a_broken_upgrade_left_is_passed_over(site: Path) -> None:
    install(site, version="1.3")
    (site / "Toy_Tts-1.2.dist-info").mkdir()
    (site / "~oy_tts-1.1.dist-info").mkdir()
    assert (found(site).version, found(site).others) == ("1.3", ())


def test_a_part_of_a_namespace_is_told_by_its_files(site: Path) -> None:
    install(site, "ns/toy/core.py")
    install(site, "ns/other/core.py", name="other")
    assert [path for path in found(site).files if path.endswith(".py")] == ["ns/toy/core.py"]


def test_an_old_egg_info_with_its_own_list_counts(site: Path) -> None:
    info = site / "toy_tts-1.2-py3.8.egg-info"
    info.mkdir()
    (info / "installed-files.txt").write_text("../toy/core.py\nPKG-INFO\n")
    answer = found(site)
    assert (answer.version, answer.folder) == ("1.2", site)
    assert answer.files == {"toy/core.py", f"{info.name}/PKG-INFO"}


def test_a_package_without_a_list_is_refused_with_its_folder(site: Path) -> None:
    (install(site) / "RECORD").unlink()
    error = refusal(site)
    assert error.code == "no-record"
    assert str(site) in error.hint


@pytest.mark.parametrize("with_url", [True, False])
def test_an_editable_install_names_the_source_to_work_in(
    site: Path, tmp_path: Path, with_url: bool
) -> None:
    source = tmp_path / "my checkout"
    (source / "src").mkdir(parents=True)
    (source / "pyproject.toml").write_text("")
    (site / "__editable__.toy.pth").write_text(f"{source / 'src'}\n")
    info = install(site, "__editable__.toy.pth", "__editable___toy_finder.py")
    if with_url:
        url = {"url": source.as_uri(), "dir_info": {"editable": True}}
        (info / "direct_url.json").write_text(json.dumps(url))
    error = refusal(site)
    assert (error.code, str(source) in error.hint) == ("editable", True)


def test_an_old_development_install_is_editable_too(site: Path, tmp_path: Path) -> None:
    source = tmp_path / "checkout"
    (source / "toy_tts.egg-info").mkdir(parents=True)
    assert refusal(source).code == "editable"
    (site / "toy-tts.egg-link").write_text(f"{source}\n.\n")
    error = refusal(site, source)
    assert (error.code, str(source) in error.hint) == ("editable", True)


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "[]",
        '{"dir_info": []}',
        '{"url": "file:///x", "dir_info": {}}',
        '{"url": "https://a/b.whl", "archive_info": {}}',
    ],
)
def test_any_other_origin_is_a_plain_install(site: Path, told: str) -> None:
    (install(site) / "direct_url.json").write_text(told)
    assert found(site).folder == site


def test_a_package_of_links_is_refused(site: Path, tmp_path: Path) -> None:
    install(tmp_path / "cache")
    (site / "toy").symlink_to(tmp_path / "cache" / "toy")
    install(site)
    error = refusal(site)
    assert (error.code, str(tmp_path / "cache") in error.message) == ("linked", True)


def test_a_zipped_package_is_refused(tmp_path: Path) -> None:
    egg = tmp_path / "toy_tts-1.2-py3.11.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        archive.writestr("EGG-INFO/PKG-INFO", "Metadata-Version: 1.0\nName: toy-tts\n")
    assert refusal(egg).code == "zipped"
    plain = tmp_path / "all.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("toy_tts-1.2.dist-info/METADATA", "Name: toy-tts\nVersion: 1.2\n")
    assert refusal(plain).code == "zipped"


def test_nothing_of_that_name_is_no_answer(site: Path, tmp_path: Path) -> None:
    (tmp_path / "python311.zip").write_bytes(b"no zip file")
    assert find_installed("toy-tts", [tmp_path / "python311.zip", tmp_path / "no", site]) is None


def test_an_environment_imports_from_its_own_site_packages(tmp_path: Path) -> None:
    python = make_environment(tmp_path / "env with space")
    site = site_packages(python)
    (site / "noisy.pth").write_text("import sys; print('hello from a .pth file')\n")
    assert site.resolve() in search_path(python)


def test_what_is_set_for_this_shell_does_not_count_but_the_users_own_site_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    user = tmp_path / "base" / "lib" / version / "site-packages"
    user.mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shell"))
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / "base"))
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    monkeypatch.chdir(tmp_path)
    path = search_path(Path(os.path.realpath(sys.executable)))
    assert (user in path, tmp_path / "shell" in path) == (True, False)


def program(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("echo oh no >&2; exit 3", "status 3: oh no"),
        ("exit 0", "no answer"),
        ("echo '[1, 2'", "no answer"),
        ("echo 7", "no answer"),
        ("sleep 5; echo []", "no answer in 0.5 s"),
    ],
)
def test_an_interpreter_without_a_sane_answer_is_named(
    tmp_path: Path, body: str, words: str
) -> None:
    python = program(tmp_path / "python", body)
    with pytest.raises(CannotRunError) as caught:
        search_path(python, time_limit=0.5)
    assert caught.value.code == "python-unusable"
    assert words in caught.value.message
    assert str(python) in caught.value.message


def test_what_is_no_program_is_unusable_as_python(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("no program")
    with pytest.raises(CannotRunError, match="cannot be started"):
        search_path(tmp_path / "python")
