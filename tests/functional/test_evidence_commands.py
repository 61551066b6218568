"""What apply, plan and bench take by default: what is proven or argued for the device, and what they say of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_driver import Cli, Tree
from toy_catalogue import SYSTEM, constant, head

NAMES = ("ARGUED", "COSTS", "LOSSY", "NONE", "PROVEN", "UNKNOWN")
MACHINE = {
    "cpu": "Intel(R) Xeon(R)",
    "cores": 2,
    "system": "Linux 6.1",
    "python": "3.11.7",
    "vendor": "intel",
    "instructions": "amx",
}
HERE = ("--device", "cpu:intel:amx")
ARGUED = '[argued]\nbecause = "half of the work"\non = ["cpu:any:avx512", "cuda"]\n'
DEAR = '[cost]\nwhat = "a minute at the start"\nneeds_proof = true\n'


def row(name: str, verdict: str, speedup: float, **changed: Any) -> dict[str, Any]:
    return {
        "patch": f"toy/{name}",
        "patch_version": 1,
        "version": "v1",
        "size": "real",
        "weights": "random",
        "texts": ["short"],
        "threads": 1,
        "of": "cpu",
        "rounds": 5,
        "speedup": speedup,
        "interval": [speedup - 0.1, speedup + 0.1],
        "verdict": verdict,
        "came_out": {"equal": True},
        "date": "2026-01-31",
        "ttsopt": "0.2.0",
        "machine": MACHINE,
        **changed,
    }


ROWS = [
    row("proven", "faster", 1.5),
    row("none", "same", 1.0),
    row("lossy", "faster", 4.0, size="tiny"),
    row("unknown", "faster", 1.2, machine=MACHINE | {"instructions": "avx2"}),
]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes a checkout, and a catalogue with results in the place of those that come with ttsopt."""

    def make(rows: list[dict[str, Any]] = ROWS) -> Path:
        catalogue, results = tmp_path / "shipped", tmp_path / "results"
        for module in ("load", "results"):
            monkeypatch.setattr(f"ttsopt.catalog.{module}.catalogue_folder", lambda: catalogue)
        monkeypatch.setattr("ttsopt.catalog.results.results_folder", lambda: results)
        checkout = tmp_path / "checkout"
        for folder in (results, checkout, catalogue / "toy"):
            folder.mkdir(parents=True, exist_ok=True)
        (catalogue / "toy" / "system.toml").write_text(SYSTEM)
        code = "".join(f"{name} = 32\n" for name in NAMES)
        (checkout / "toy.py").write_text(f"{code}\n\nclass Toy: ...\n")
        for name in NAMES:
            put_patch(catalogue, name)
        file = {"schema": 1, "system": "toy", "rows": rows}
        (results / "toy.json").write_text(json.dumps(file))
        return checkout

    return make


PARAMETER = '[params.n]\ntype = "int"\ndefault = 7\nhelp = "h"\n'


def put_patch(catalogue: Path, name: str) -> None:
    more = {"ARGUED": ARGUED, "COSTS": ARGUED + DEAR}.get(name, "")
    effect = "lossy" if name == "LOSSY" else "exact"
    edit = constant("toy.py", "${n}", name=name)
    folder = catalogue / "toy" / name.lower()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "patch.toml").write_text(head(name.lower(), effect=effect) + more + PARAMETER + edit)


def taken(data: dict[str, Any]) -> list[str]:
    return [one["patch"].removeprefix("toy/") for one in data["applied"]]


def test_apply_takes_what_is_proven_or_argued_here(cli: Cli, shipped: Callable[..., Path]) -> None:
    checkout = shipped()
    data = cli("apply", checkout, *HERE, "--json").data
    assert taken(data) == ["argued", "proven"]
    left = {one["patch"]: (one["why"], one["message"]) for one in data["skipped"]}
    assert left == {
        "toy/costs": ("evidence", "costs here: a minute at the start"),
        "toy/lossy": ("effect", "lossy: --effect lossy takes it"),
        "toy/none": ("evidence", "no gain seen here; 1.00x (0.90 to 1.10), real"),
        "toy/unknown": ("evidence", "unmeasured here; 1.20x on cpu:intel:avx2, real"),
    }
    (argued, proven) = data["applied"]
    assert argued["evidence"]["argued"] == "half of the work"
    assert proven["evidence"]["level"] == "proven"
    assert proven["evidence"]["measured"]["speedup"] == 1.5
    assert (data["device"], data["suggested"]["patch"]) == ("cpu:intel:amx", "toy/lossy")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--device", "cpu:amd:avx512"), ["argued"]),
        (("--device", "cpu:amd:avx2"), []),
        (("--device", "cuda:9.0"), ["argued"]),
        (("--device", "any"), ["argued", "proven", "unknown"]),
        ((*HERE, "--effect", "lossy"), ["argued", "proven"]),
        (("--all",), ["argued", "costs", "none", "proven", "unknown"]),
        (("-p", "toy/none"), ["none"]),
        ((*HERE, "--set", "toy/none.n=8"), ["argued", "none", "proven"]),
        ((*HERE, "--set", "toy/lossy.n=8"), ["argued", "proven"]),
    ],
)
def test_the_default_is_a_function_of_device_and_options(
    cli: Cli, shipped: Callable[..., Path], options: tuple[str, ...], names: list[str]
) -> None:
    checkout = shipped()
    assert taken(cli("plan", checkout, *options, "--json").data) == names
    assert taken(cli("apply", checkout, *options, "--dry-run", "--json").data) == names


def test_the_device_at_hand_decides_where_none_is_typed(
    cli: Cli, shipped: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ttsopt.domain.device_class import parse_device

    checkout = shipped()
    monkeypatch.setattr(
        "ttsopt.environment.device.device_at_hand", lambda: parse_device("cuda:9.0")
    )
    data = cli("apply", checkout, "--dry-run", "--json").data
    assert (taken(data), data["device"]) == (["argued"], "cuda:9.0")


def test_a_device_that_is_none_is_wrong_use(cli: Cli, sample: Path) -> None:
    answer = cli("apply", sample, "--device", "gpu", "--json")
    assert (answer.code, answer.error["code"]) == (2, "bad-device")
    both = cli("apply", sample, "--all", "-p", "sample/nfe-step", "--json")
    assert (both.code, both.error["code"]) == (2, "all-and-named")


def test_no_interpreter_of_the_checkout_is_started(
    cli: Cli, shipped: Callable[..., Path], tmp_path: Path
) -> None:
    checkout = shipped()
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (checkout / ".venv" / "pyvenv.cfg").write_text("")
    python.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    python.chmod(0o755)
    for command in (("apply",), ("plan",), ("list",), ("status",)):
        assert cli(*command, checkout).code == 0
    assert not (tmp_path / "started").exists()


def test_a_list_gives_the_same_wherever_it_is_applied(
    cli: Cli, shipped: Callable[..., Path], tree: Tree, tmp_path: Path
) -> None:
    checkout, saved = shipped(), tmp_path / "patches.toml"
    before = tree(checkout)
    cli("apply", checkout, *HERE)
    cli("apply", checkout, "-p", "toy/none")
    after = tree(checkout)
    cli("status", checkout, "--save", saved)
    cli("rollback", checkout)
    assert tree(checkout) == before
    assert "would apply" in cli("plan", checkout, "--list", saved).err
    answer = cli("apply", checkout, "--list", saved, "--json")
    assert (answer.code, answer.data["source"]) == (0, "list")
    assert taken(answer.data) == ["argued", "none", "proven"]
    assert tree(checkout) == after


def test_a_list_is_applied_whole_or_not_at_all(
    cli: Cli, shipped: Callable[..., Path], tree: Tree, tmp_path: Path
) -> None:
    checkout, saved = shipped(), tmp_path / "patches.toml"
    cli("apply", checkout, *HERE)
    cli("status", checkout, "--save", saved)
    cli("rollback", checkout)
    code = (checkout / "toy.py").read_text()
    (checkout / "toy.py").write_text(code.replace("PROVEN = 32", "PROVEN = 16"))
    before = tree(checkout)
    answer = cli("apply", checkout, "--list", saved, "--json")
    assert (answer.code, answer.error["code"]) == (3, "patch-refused")
    assert tree(checkout) == before
    both = cli("apply", checkout, "--list", saved, "-p", "toy/none", "--json")
    assert (both.code, both.error["code"]) == (2, "list-and-choice")


def test_reapply_asks_for_no_evidence(cli: Cli, shipped: Callable[..., Path], tree: Tree) -> None:
    checkout = shipped()
    before = tree(checkout)
    cli("apply", checkout, "--all")
    after = tree(checkout)
    for path, data in before.items():
        (checkout / path).write_bytes(data)
    answer = cli("reapply", checkout, "--json")
    assert taken(answer.data) == ["argued", "costs", "none", "proven", "unknown"]
    assert tree(checkout) == after


def test_a_second_apply_leaves_what_is_applied(cli: Cli, shipped: Callable[..., Path]) -> None:
    checkout = shipped()
    cli("apply", checkout, "-p", "toy/none")
    data = cli("apply", checkout, *HERE, "--json").data
    assert taken(data) == ["argued", "proven"]
    assert [one["patch"] for one in data["already"]] == ["toy/none"]


def test_patches_of_ones_own_are_asked_for_nothing(
    cli: Cli, shipped: Callable[..., Path], tmp_path: Path
) -> None:
    checkout, own = shipped(), tmp_path / "own"
    edit = constant("toy.py", "8", name="NONE")
    (own / "toy" / "mine").mkdir(parents=True)
    (own / "toy" / "mine" / "patch.toml").write_text(head("mine") + edit)
    data = cli("apply", checkout, *HERE, "--catalog", own, "--json").data
    assert taken(data) == ["argued", "mine", "proven"]


def test_apply_ends_with_what_to_expect_and_do(cli: Cli, shipped: Callable[..., Path]) -> None:
    checkout = shipped()
    said = cli("apply", checkout, *HERE).out
    for line in (
        "`-p PATCH` takes one that is left out, `--all` every one that fits\n",
        "expected on cpu:intel:amx:\n",
        "  toy/argued: argued: half of the work\n",
        "  toy/proven: proven: 1.50x (1.40 to 1.60), size real\n",
        "lossy, so left out: toy/lossy would bring most, 4.00x (3.90 to 4.10) on cpu:intel:amx,",
        f"  ttsopt apply {checkout} -p toy/lossy --effect lossy",
        "restart your server",
        f"  ttsopt rollback {checkout}",
    ):
        assert line in said
    command = next(line for line in said.splitlines() if "-p toy/lossy" in line).split()
    assert cli(*command[1:6], *command[6:7]).code == 0
    assert "LOSSY = 7" in (checkout / "toy.py").read_text()


def test_the_list_of_a_checkout_is_a_table(cli: Cli, shipped: Callable[..., Path]) -> None:
    checkout = shipped()
    cli("apply", checkout, "-p", "toy/proven")
    rows = [" ".join(line.split()) for line in cli("list", checkout, *HERE).out.splitlines()]
    assert rows[1] == "gain on cpu:intel:amx; every name begins with toy/"
    assert rows[3:12] == [
        "patch effect device gain state",
        "argued exact any argued fits",
        "costs exact any costs fits",
        "costs: a minute at the start",
        "lossy lossy any unproven 4.00x (3.90-4.10) fits",
        "none exact any no gain 1.00x (0.90-1.10) fits",
        "proven exact any 1.50x (1.40-1.60) applied",
        "unknown exact any unmeasured fits",
        "",
    ]


def test_show_says_what_becomes_of_a_patch_here(cli: Cli, shipped: Callable[..., Path]) -> None:
    shipped()
    proven = cli("show", "toy/proven", *HERE).out
    assert "on cpu:intel:amx: proven; `ttsopt apply` takes it\n" in proven
    none = cli("show", "toy/none", *HERE, "--json").data
    assert none["evidence"]["level"] == "no gain seen"
    assert "a plain apply does not" in cli("show", "toy/proven", "--device", "cuda:9.0").out


def test_the_list_obeys_effect_and_device(cli: Cli, sample: Path) -> None:
    rows = cli("list", "--system", "f5-tts", "--device", "cuda:9.0", "--effect", "close", "--json")
    names = [row["patch"] for row in rows.data["patches"]]
    assert "f5-tts/tf32" in names
    assert not {"f5-tts/nfe-step", "f5-tts/packed-linears"} & {*names}
    data = cli("list", sample, "--effect", "exact", "--json").data
    assert [row["patch"] for row in data["skipped"]] == ["sample/nfe-step"]
    assert cli("list", "--system", "f6", "--json").error["code"] == "unknown-system"


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"speedup": -1.0}, "rows[0].speedup"),
        ({"memory": -0.5}, "rows[0].memory"),
        ({"machine": MACHINE | {"vendor": "via"}}, "rows[0].machine.vendor"),
        ({"machine": MACHINE | {"instructions": "mmx"}}, "rows[0].machine.instructions"),
        ({"machine": MACHINE | {"compute_capability": "9"}}, "rows[0].machine.compute_capability"),
    ],
)
def test_damaged_results_are_told_and_nothing_is_changed(
    cli: Cli, shipped: Callable[..., Path], tree: Tree, changed: dict[str, Any], key: str
) -> None:
    checkout = shipped([row("proven", "faster", 1.5) | changed])
    before = tree(checkout)
    answer = cli("apply", checkout, "--json")
    assert (answer.code, answer.error["code"]) == (5, "bad-results")
    assert key in answer.error["message"]
    assert tree(checkout) == before


def test_too_large_results_are_not_read(
    cli: Cli, shipped: Callable[..., Path], tmp_path: Path
) -> None:
    checkout = shipped()
    with (tmp_path / "results" / "toy.json").open("ab") as file:
        file.truncate(3 * 2**20)
    answer = cli("apply", checkout, "--json")
    assert (answer.code, answer.error["code"]) == (5, "bad-results")


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ('[argued]\nbecause = "b"\non = []\n', "argued.on", "expected classes of devices"),
        ('[argued]\nbecause = "b"\non = ["gpu"]\n', "argued.on[0]", "expected any, cpu"),
        ('[argued]\nbecause = "b"\non = ["any"]\n', "argued.on[0]", "expected a class of any"),
        ('[argued]\nbecause = ""\non = ["cpu"]\n', "argued.because", "it is empty"),
        ('[argued]\nbecause = "b"\n', "argued.on", "required field missing"),
        ('[cost]\nwhat = " "\n', "cost.what", "it is empty"),
        ('[cost]\nwhat = "w"\nproof = true\n', "cost.proof", "unknown key"),
    ],
)
def test_an_argument_and_a_cost_are_checked(
    cli: Cli, tmp_path: Path, text: str, key: str, message: str
) -> None:
    folder = tmp_path / "own" / "sample" / "mine"
    folder.mkdir(parents=True)
    patch = head("mine").replace("toy/", "sample/") + text + constant("toy.py", "7")
    (folder / "patch.toml").write_text(patch)
    problems = cli("list", "--check", "--catalog", tmp_path / "own", "--json").data["problems"]
    assert [(one["key"], message in one["message"]) for one in problems if one["key"] == key] == [
        (key, True)
    ]


def test_the_sample_keeps_its_patches_by_default(cli: Cli, sample: Path) -> None:
    for device in ("cpu:intel:amx", "cpu:amd:avx2", "cuda:9.0"):
        data = cli("apply", sample, "--device", device, "--dry-run", "--json").data
        assert len(data["applied"]) == 3


def test_what_needs_no_evidence_starts_without_it(sample: Path, tmp_path: Path) -> None:
    diff = tmp_path / "mine.diff"
    diff.write_text("--- /dev/null\n+++ b/mine.py\n@@ -0,0 +1 @@\n+MINE = 1\n")
    for words in (("apply", str(sample), "--patch-file", str(diff)), ("rollback", str(sample))):
        command = [sys.executable, "-X", "importtime", "-m", "ttsopt", *words]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
        assert "ttsopt.cli.main" in loaded
        assert not {name for name in loaded if name.endswith(("evidence_level", "patch_result"))}
        assert "ttsopt.domain.measurement" not in loaded
