"""A pipe that nobody writes into, a device, a huge file and endless nesting at each place that a command reads."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from cli_driver import Answer, Cli
from deep_files import DEEP
from strange_files import as_fifo, as_folder, as_link, as_socket, as_sparse

# Every test here has a time limit (conftest.py).
STRANGE: dict[str, Callable[[Path], None]] = {
    "fifo": as_fifo,
    "device": as_link("/dev/zero"),
    "socket": as_socket,
    "folder": as_folder,
    "2 GB": as_sparse,
}
CHECKOUT = (
    "sample_tts/api.py",
    "sample_tts/vocoder.py",
    "sample_tts/frontend.py",
    "pyproject.toml",
)
SPEAK = "        samples: list[float] = []\n"
ONE = ("--text", "Hi.", "--rounds", "1")
PATCH = """
id = "sample/own"
version = 1
summary = "s"
why = "w"
effect = "exact"
device = "any"
[[requires.facts]]
paths = ["config.{suffix}"]
key = "a.b"
equals = 1
why = "w"
[[files]]
paths = ["{path}"]
[[files.edits]]
{edit}
"""
DECORATE = 'in = "Frontend"\ndecorate = "final"'
EDITS = {
    "yaml": 'set_yaml = "a.b"\nold = ["1"]\nnew = "2"',
    "toml": 'set_toml = "a.b"\nold = ["1"]\nnew = "2"',
    "py": 'set_const = "STEPS"\nold = ["1"]\nnew = "2"',
}


def put(path: Path, make: Callable[[Path], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.unlink()
    make(path)


def writes(data: bytes) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(data), None)[1]


def of(*kinds: str) -> list[str]:
    return [name for name in DEEP if name.startswith(kinds)]


def cases(suffix: str, *kinds: Iterable[str]) -> list[tuple[str, str]]:
    return [(suffix, kind) for some in kinds for kind in some]


def check(answer: Answer, *codes: int) -> None:
    """A planned answer: no defect, no traceback."""
    assert answer.code in codes, answer
    assert "a defect of ttsopt" not in answer.err + answer.out


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("place", CHECKOUT)
def test_a_file_of_a_checkout(cli: Cli, sample: Path, place: str, kind: str) -> None:
    put(sample / place, STRANGE[kind])
    for command in ("discover", "plan", "status"):
        check(cli(command, sample), 0, 3, 5)


@pytest.mark.parametrize("kind", of("toml"))
def test_a_deep_project_file(cli: Cli, sample: Path, kind: str) -> None:
    (sample / "pyproject.toml").write_bytes(DEEP[kind])
    answer = cli("discover", sample, "--json")
    assert (answer.code, answer.data["systems"][0]["version_source"]) == (0, "unknown")


def own(tmp_path: Path, path: str, edit: str, suffix: str) -> Path:
    patch = tmp_path / "catalogue/sample/own/patch.toml"
    patch.parent.mkdir(parents=True)
    patch.write_text(PATCH.format(path=path, edit=edit, suffix=suffix))
    return tmp_path / "catalogue"


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [*cases("yaml", STRANGE, of("yaml")), *cases("toml", of("toml")), *cases("json", of("json"))],
)
def test_a_config_file_that_a_patch_asks(
    cli: Cli, sample: Path, tmp_path: Path, suffix: str, kind: str
) -> None:
    put(sample / f"config.{suffix}", STRANGE.get(kind) or writes(DEEP[kind]))
    catalogue = own(tmp_path, "sample_tts/frontend.py", DECORATE, suffix)
    answer = cli("plan", sample, "--catalog", catalogue, "-p", "sample/own", "--json")
    check(answer, 3)
    assert f"config.{suffix}" in answer.error["message"]


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [*cases("yaml", STRANGE, of("yaml")), *cases("toml", of("toml")), *cases("py", of("python"))],
)
def test_a_file_that_a_patch_edits(
    cli: Cli, sample: Path, tmp_path: Path, suffix: str, kind: str
) -> None:
    (sample / "config.json").write_text('{"a": {"b": 1}}')
    put(sample / f"edited.{suffix}", STRANGE.get(kind) or writes(DEEP[kind]))
    catalogue = own(tmp_path, f"edited.{suffix}", EDITS[suffix], "json")
    for command in ("plan", "apply"):
        answer = cli(command, sample, "--catalog", catalogue, "-p", "sample/own", "--json")
        check(answer, 0, 3, 5)
        assert not answer.data.get("applied")
        assert "bad-catalogue" not in answer.out


@pytest.mark.parametrize("kind", [*STRANGE, *of("python")])
def test_an_edited_file_that_is_such_a_thing_by_now(cli: Cli, sample: Path, kind: str) -> None:
    """Status, rollback and a benchmark of what was patched look at it again."""
    assert cli("apply", sample, "--effect", "lossy").code == 0
    put(sample / "sample_tts/frontend.py", STRANGE.get(kind) or writes(DEEP[kind]))
    for command in (("status",), ("rollback",), ("reapply",), ("bench", *ONE)):
        check(cli(command[0], sample, *command[1:]), 0, 3, 5)


@pytest.mark.parametrize("kind", [*STRANGE, *of("toml")])
@pytest.mark.parametrize("name", ["patch.toml", "system.toml"])
def test_a_file_of_a_catalogue(
    cli: Cli, sample: Path, tmp_path: Path, name: str, kind: str
) -> None:
    place = "sample/own/patch.toml" if name == "patch.toml" else "toy/system.toml"
    put(tmp_path / "catalogue" / place, STRANGE.get(kind) or writes(DEEP[kind]))
    for command in (("plan", sample), ("list",), ("list", "--check"), ("show", "sample/own")):
        answer = cli(*command, "--catalog", tmp_path / "catalogue")
        check(answer, 1, 5)
        assert name in answer.err
    if name == "system.toml":
        check(cli("new-patch", "toy/own", tmp_path / "catalogue"), 2, 5)


@pytest.mark.parametrize("kind", [*STRANGE, *of("python")])
def test_a_helper_of_a_catalogue(cli: Cli, sample: Path, tmp_path: Path, kind: str) -> None:
    edit = 'add_file = "laid.py"\nimport = ["x"]'
    catalogue = own(tmp_path, "sample_tts/frontend.py", edit, "json")
    put(catalogue / "sample/own/files/laid.py", STRANGE.get(kind) or writes(DEEP[kind]))
    answer = cli("plan", sample, "--catalog", catalogue)
    check(answer, 5)
    assert "laid.py" in answer.err


def test_a_deep_expression_of_a_parameter(cli: Cli, tmp_path: Path) -> None:
    parameter = '[params.n]\ntype = "str"\ndefault = "a"\nhelp = "h"\nchoices = ["a"]\nnamed = {{ a = "{}" }}\n'
    catalogue = own(tmp_path, "sample_tts/frontend.py", EDITS["py"], "json")
    patch = catalogue / "sample/own/patch.toml"
    for text in ("(" * 100_000 + ")" * 100_000, "-" * 20_000 + "1"):
        patch.write_text(
            PATCH.format(path="x.py", edit=EDITS["py"], suffix="json") + parameter.format(text)
        )
        answer = cli("list", "--check", "--catalog", catalogue)
        check(answer, 1)
        assert "named.a" in answer.err


@pytest.mark.parametrize("kind", [*STRANGE, *of("toml")])
def test_a_list_of_patches(cli: Cli, sample: Path, tmp_path: Path, kind: str) -> None:
    put(tmp_path / "list.toml", STRANGE.get(kind) or writes(DEEP[kind]))
    answer = cli("reapply", sample, "--list", tmp_path / "list.toml")
    check(answer, 2, 5)
    assert "list.toml" in answer.err


@pytest.mark.parametrize("kind", of("toml"))
def test_what_was_applied_last(cli: Cli, sample: Path, state_home: Path, kind: str) -> None:
    cli("apply", sample)
    cli("rollback", sample)
    (last,) = state_home.rglob("last.toml")
    last.write_bytes(DEEP[kind])
    for command in ("reapply", "apply", "status", "rollback"):
        check(cli(command, sample), 0, 2, 3)


@pytest.mark.parametrize("kind", [*STRANGE, *of("json")])
@pytest.mark.parametrize("name", ["journal.json", "journal.copy.json"])
def test_a_journal(cli: Cli, sample: Path, name: str, kind: str) -> None:
    cli("apply", sample)
    put(sample / ".ttsopt" / name, STRANGE.get(kind) or writes(DEEP[kind]))
    for command in ("status", "plan", "apply", "rollback", "restore"):
        check(cli(command, sample), 0, 1, 3, 5)


@pytest.mark.parametrize("kind", ["device", "socket", "folder", "2 GB", *of("diff", "json")])
def test_a_patch_file(cli: Cli, sample: Path, tmp_path: Path, kind: str) -> None:
    put(tmp_path / "own.patch", STRANGE.get(kind) or writes(DEEP[kind]))
    answer = cli("plan", sample, "--patch-file", tmp_path / "own.patch")
    check(answer, 2, 3, 5)


def test_pipes_that_the_user_named_are_given_up(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttsopt.boundary.reading.read_given.__defaults__", (2**20, 0.1))
    as_fifo(tmp_path / "pipe")
    for option in ("--patch-file", "--text-file"):
        command = "plan" if option == "--patch-file" else "bench"
        answer = cli(command, sample, option, tmp_path / "pipe")
        check(answer, 5)
        assert "nothing came through it" in answer.err


@pytest.mark.parametrize("place", range(50_000, 200_000, 50_000))
def test_a_diff_with_a_header_that_has_no_end(
    cli: Cli, sample: Path, tmp_path: Path, place: int
) -> None:
    """To look for a time stamp behind so many blanks would take minutes."""
    patch = tmp_path / "own.patch"
    names = f"--- a/x{' ' * place * 20}y\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    for text in (names, f"diff --git {names}", f'diff --git a/x b/x\nrename from "{names}'):
        patch.write_text(text)
        check(cli("plan", sample, "--patch-file", patch), 2)


@pytest.mark.parametrize("kind", [*STRANGE, *of("json")])
def test_a_result_to_compare(cli: Cli, tmp_path: Path, kind: str) -> None:
    put(tmp_path / "a.json", STRANGE.get(kind) or writes(DEEP[kind]))
    answer = cli("compare", tmp_path / "a.json", tmp_path / "a.json")
    check(answer, 2, 5)
    assert "a.json" in answer.err


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {"machine": 1}},
        {"environment": []},
        {"rounds": [{}]},
        {"rtf": 0},
        {"rtf": 1e999},
    ],
)
def test_a_result_that_makes_no_sense(cli: Cli, tmp_path: Path, changes: dict[str, object]) -> None:
    rtf = changes.pop("rtf", 1)
    result = {"schema": 1, "system": "s", "version": "v", "patches": [], "environment": {}}
    rounds = {"rounds": [{"before": {"rtf": rtf}, "after": {"rtf": rtf}}] * 3}
    (tmp_path / "a.json").write_text(json.dumps({**result, **rounds, **changes}))
    answer = cli("compare", tmp_path / "a.json", tmp_path / "a.json", "--json")
    assert (answer.code, answer.error["code"]) == (2, "bad-result")


LEFT = {
    "fifo": "os.mkfifo(p)",
    "device": "os.symlink('/dev/zero', p)",
    "link": "os.symlink(__file__, p)",
    "folder": "os.mkdir(p)",
    "2 GB": "open(p, 'wb').truncate(2 ** 31)",
    "deep": "open(p, 'w').write('[' * 100000)",
    "deep just read": "open(p, 'w').write('{\"a\":' * 800 + '1' + '}' * 800)",
}


@pytest.mark.parametrize("kind", LEFT)
def test_what_a_worker_leaves_as_its_result(cli: Cli, sample: Path, kind: str) -> None:
    path = sample / "sample_tts/api.py"
    code = f"import os, sys; p = sys.orig_argv[-1] + '/result.json'; {LEFT[kind]}; os._exit(0)"
    path.write_text(path.read_text().replace(SPEAK, f"        {code}\n{SPEAK}"))
    answer = cli("bench", sample, *ONE, "--json")
    assert (answer.code, answer.error["code"]) == (5, "bad-answer")


@pytest.mark.parametrize("kind", ["fifo", "device", "2 GB"])
def test_what_a_worker_leaves_as_sound(cli: Cli, sample: Path, kind: str) -> None:
    """Once the process is through, what lies where its sound lay is something else."""
    path = sample / "sample_tts/api.py"
    code = (
        "import glob, os, sys\n"
        "_exit = os._exit\n"
        "def _swap(code):\n"
        "    for p in glob.glob(sys.orig_argv[-1] + '/output/**/*.npy', recursive=True):\n"
        f"        os.unlink(p); {LEFT[kind]}\n"
        "    _exit(code)\n"
        "os._exit = _swap\n"
    )
    text = path.read_text()
    path.write_text(text.replace("class SampleTTS", f"{code}\nclass SampleTTS"))
    answer = cli("bench", sample, *ONE, "--json")
    assert answer.code == 5
    assert answer.error["code"] == ("bad-answer" if kind == "device" else "bad-output")


def test_what_an_interpreter_answers(cli: Cli, sample: Path, tmp_path: Path) -> None:
    for number, left in enumerate(("mkfifo $2/result.json", "ln -s /dev/zero $2/result.json")):
        python = tmp_path / f"python{number}"
        python.write_text(f"#!/bin/sh\n{left}\n")
        python.chmod(0o755)
        answer = cli("bench", sample, "--python", python, *ONE, "--json")
        assert (answer.code, answer.error["code"]) == (5, "python-unusable")


@pytest.mark.parametrize("kind", STRANGE)
def test_a_case_of_a_catalogue(cli: Cli, sample: Path, tmp_path: Path, kind: str) -> None:
    catalogue = own(tmp_path, "sample_tts/frontend.py", DECORATE, "json")
    cases = catalogue / "sample/own/cases"
    (cases / "one/before/sample_tts").mkdir(parents=True)
    shutil.copy(sample / "sample_tts/frontend.py", cases / "one/before/sample_tts")
    put(cases / "one/before/data.bin", STRANGE[kind])
    put(cases / "one/absent.txt", STRANGE[kind])
    from ttsopt.catalog.load import load_catalogue
    from ttsopt.operations.authoring.cases import cases_of, run_case

    found = load_catalogue([catalogue])
    (case,) = cases_of(found, found.patch("sample/own"), [catalogue])
    assert run_case(case)


def test_a_view_of_a_checkout_with_all_of_it(cli: Cli, sample: Path) -> None:
    for kind, make in STRANGE.items():
        make(sample / f"{kind}.json")
    os.truncate(sample / "2 GB.json", 2**40)
    assert cli("bench", sample, *ONE, "--json").code == 0
