"""The catalogue's commands as a user and a script see them: list --check, --catalog, show, new-patch."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_driver import Cli
from toy_catalogue import SYSTEM

STATUSES = ("applied", "already", "absent", "skipped", "refused")
PATCH = """
id = "toy/quick"
version = 3
summary = "Be quick"
why = '''
First reason,
in two lines.

Second reason.
'''
effect = "lossy"
device = "cuda"
conflicts = ["toy/other"]
[[claims]]
figure = "2x"
source = "a talk"
[[requires.facts]]
paths = ["voice.npy"]
shape = [2, 3]
why = "It reads it."
[params.n]
type = "int"
default = 7
min = 1
max = 9
help = "How many"
[[files]]
paths = ["toy.py", "**/toy.py"]
anchor = "class Toy"
[[files.edits]]
in = "Toy"
replace = "slow($X)"
with = '''
quick($X)
again($X)
'''
expect = "1"
when = { n = [7, 8] }
[[files.edits]]
add_file = "ttsopt_quick.py"
import = ["quick", "again"]
[[files.edits]]
any_of = [{ delete = "wait()" }, { delete = "pause()" }]
optional = true
[[files]]
paths = ["toy.yaml"]
scope = "checkout"
optional = true
[[files.edits]]
set_yaml = "steps"
old = ["1"]
new = "${n}"
"""
OTHER = """
id = "toy/other"
version = 1
summary = "s"
why = "w"
effect = "exact"
[[files]]
paths = ["toy.py"]
[[files.edits]]
replace = "slow"
with = "fast"
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue in the place of the one that comes with ttsopt."""
    cases = "toy/other/cases"
    folder = write(
        tmp_path / "toys",
        {
            "toy/system.toml": SYSTEM,
            "toy/other/patch.toml": OTHER,
            f"{cases}/yes/before/toy.py": "class Toy: slow\n",
            f"{cases}/yes/after/toy.py": "class Toy: fast\n",
            f"{cases}/no/before/toy.py": "class Toy: ...\n",
            f"{cases}/no/absent.txt": "",
        },
    )
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: folder)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A catalogue of the user's own, with one patch and no cases."""
    helper = "def quick(x): ...\n\n\ndef again(x): ...\n"
    files = {"toy/quick/patch.toml": PATCH, "_helpers/ttsopt_quick.py": helper}
    return write(tmp_path / "own", files)


def test_a_catalogue_that_is_right_is_counted(cli: Cli, toys: Path) -> None:
    answer = cli("list", "--check")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "ok          toy/other\n1 patches of 1 systems, 2 cases run\n"
    counted = {"patches": 1, "systems": 1, "cases": 2, "problems": []}
    assert cli("list", "--check", "--json").data == counted


def test_problems_are_a_failed_gate_with_all_of_them(cli: Cli, toys: Path, own: Path) -> None:
    answer = cli("list", "--check", "--catalog", own, "--json")
    assert (answer.code, answer.envelope["status"]) == (1, "failed")
    assert answer.error["code"] == "bad-catalogue"
    (problem,) = answer.data["problems"]
    assert problem["file"] == str(own / "toy/quick/cases")
    assert problem["message"] in answer.error["message"]
    assert "1 problem   toy/quick\n" in cli("list", "--check", "--catalog", own).out


def test_other_commands_name_the_check(cli: Cli, toys: Path, own: Path) -> None:
    write(own, {"toy/quick/patch.toml": PATCH.replace("summary", "sumary")})
    answer = cli("list", "--catalog", own, "--json")
    assert (answer.code, answer.error["code"]) == (5, "bad-catalogue")
    assert f"`ttsopt list --check --catalog {own}`" in answer.error["hint"]
    assert "sumary: unknown key: did you mean summary?" in answer.error["message"]


def test_the_check_looks_at_no_checkout(cli: Cli, toys: Path, tmp_path: Path) -> None:
    answer = cli("list", tmp_path, "--check", "--json")
    assert (answer.code, answer.error["code"]) == (2, "check-no-checkout")


def test_patches_of_ones_own_are_taken_by_every_command_that_reads(
    cli: Cli, toys: Path, own: Path, tmp_path: Path
) -> None:
    checkout = write(tmp_path / "checkout", {"toy.py": "class Toy: slow(1)\n"})
    listed = cli("list", "--catalog", own, "--json").data["patches"]
    assert [row["patch"] for row in listed] == ["toy/other", "toy/quick"]
    assert cli("discover", checkout, "--catalog", own, "--json").data["systems"]
    for command in ("plan", "list"):
        data = cli(command, checkout, "--catalog", own, "--json").data
        rows = [row["patch"] for status in STATUSES for row in data[status]]
        assert sorted(rows) == ["toy/other", "toy/quick"]


@pytest.mark.parametrize("command", [("list",), ("discover",), ("plan",), ("show", "toy/other")])
def test_a_folder_that_is_no_catalogue(
    cli: Cli, toys: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    answer = cli(*command, "--catalog", tmp_path / "nowhere", "--json")
    assert (answer.code, answer.error["code"]) == (2, "no-catalogue")


SHOWN = """\
toy/quick, version 3: Be quick
effect lossy: another result, by design: listen before you keep it
device cuda: of use on an NVIDIA GPU, harmless elsewhere

First reason, in two lines.

Second reason.

claimed: 2x (a talk)
not measured: it comes from a catalogue of your own
It does not go together with toy/other.
It is taken only where the array in voice.npy has the shape 2 x 3: It reads it.
--set toy/quick.n=7: a whole number from 1 to 9; How many

toy.py
  or **/toy.py
  the one that holds: class Toy
"""


def test_show_explains_in_plain_words(cli: Cli, toys: Path, own: Path) -> None:
    shown = cli("show", "toy/quick", "--catalog", own).out
    assert shown.startswith(SHOWN)
    for line in (
        "(only where n is 7 or 8, at 1 place)",
        "      looks for:\n          slow($X)\n",
        "      puts there:\n          quick($X)\n          again($X)\n",
        "      lays beside the file:\n          ttsopt_quick.py\n",
        "      variant 2 takes out:\n          pause()\n",
        "toy.yaml\n  from the top of the checkout\n  if there is such a file\n",
        "      puts there:\n          steps: ${n}\n",
        "it lays out ttsopt_quick.py (4 lines): --source\n",
    ):
        assert line in shown
    source = "ttsopt_quick.py, which it lays out:\n    def quick(x): ...\n"
    assert source not in shown
    assert source in cli("show", "toy/quick", "--catalog", own, "--source").out


def test_show_has_the_same_for_scripts(cli: Cli, toys: Path, own: Path) -> None:
    data = cli("show", "toy/quick", "--catalog", own, "--json").data
    assert data["conflicts"] == ["toy/other"]
    assert data["measured"] == []
    assert data["not_measured"] == "it comes from a catalogue of your own"
    python, config = data["edits"]
    assert (python["paths"], python["anchor"]) == (["toy.py", "**/toy.py"], "class Toy")
    assert (config["scope"], config["optional"]) == ("checkout", True)
    assert python["parts"][0][0] == {"what": "looks for", "code": "slow($X)"}
    assert len(python["edits"]) == len(python["parts"]) == 3
    assert data["helpers"]["ttsopt_quick.py"].startswith("def quick")


def test_a_new_patch_is_laid_out_and_says_what_comes_next(
    cli: Cli, toys: Path, tmp_path: Path
) -> None:
    answer = cli("new-patch", "toy/mine", tmp_path / "mine")
    assert answer.code == 0
    assert f"ttsopt list --check --catalog {tmp_path / 'mine'}" in answer.out
    again = cli("new-patch", "toy/mine", tmp_path / "mine", "--json")
    assert (again.code, again.error["code"]) == (3, "exists")
    other = cli("new-patch", "tyo/mine", tmp_path / "mine", "--json")
    assert (other.code, other.error["code"]) == (2, "unknown-system")
    assert "toy" in other.error["hint"]
    checked = cli("list", "--check", "--catalog", tmp_path / "mine", "--json")
    assert [row["key"] for row in checked.data["problems"]] == ["summary", "why"]


def test_a_new_patch_in_ttsopts_own_catalogue_needs_no_option(cli: Cli, toys: Path) -> None:
    answer = cli("new-patch", "toy/mine", toys, "--json")
    assert answer.data["next"][0] == "ttsopt list --check"
    assert answer.data["folder"] == (toys / "toy/mine").as_posix()
