"""`ttsopt bench` on the sample checkout: verdicts, gates, proofs, and everything that can go wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from cli_driver import Cli, Tree

ONE = ("--text", "Hi.", "--rounds", "1", "--json")
EXACT = ("-p", "sample/folded-weight-norm")
SPEAK = "        samples: list[float] = []\n"


def break_speech(sample: Path, code: str) -> None:
    """Make `SampleTTS.speak` do something else."""
    path = sample / "sample_tts/api.py"
    text = path.read_text()
    assert SPEAK in text
    path.write_text(text.replace(SPEAK, f"        {code}\n{SPEAK}", 1))


def test_measures_the_plan_before_anything_is_applied(cli: Cli, sample: Path, tree: Tree) -> None:
    before = tree(sample)
    answer = cli("bench", sample, "--rtf", *EXACT, "--text", "Hi.", "--rounds", "2", "--json")
    data = answer.data
    assert answer.code == 0
    assert data["patches"] == ["sample/folded-weight-norm"]
    assert data["before"]["rtf"] == pytest.approx(
        data["before"]["seconds"] / data["before"]["audio_seconds"]
    )
    assert data["speedup"]["interval"][0] < data["speedup"]["value"]
    assert (
        data["before"]["counters"]["weight_norms"] > 0,
        data["after"]["counters"]["weight_norms"],
    ) == (True, 0)
    assert [row["equal"] for row in data["outputs"]] == [True]
    assert all(row["executed"] for row in data["exercised"])
    assert tree(sample) == before
    assert not (sample / ".ttsopt").exists()


def test_measures_the_originals_against_a_patched_tree(cli: Cli, sample: Path) -> None:
    cli("apply", sample, *EXACT)
    data = cli("bench", sample, *ONE).data
    assert data["patches"] == ["sample/folded-weight-norm"]
    assert (
        data["before"]["counters"]["weight_norms"] > 0,
        data["after"]["counters"]["weight_norms"],
    ) == (True, 0)


def test_measures_one_more_patch_on_top_of_those_applied(cli: Cli, sample: Path) -> None:
    cli("apply", sample, *EXACT)
    data = cli("bench", sample, "-p", "sample/kept-speaker-embedding", *ONE).data
    assert data["patches"] == ["sample/kept-speaker-embedding"]
    assert (
        data["before"]["counters"]["weight_norms"],
        data["after"]["counters"]["weight_norms"],
    ) == (0, 0)


def test_a_parameter_is_counted_where_it_acts(cli: Cli, sample: Path) -> None:
    nfe = ("-p", "sample/nfe-step", "--effect", "lossy", "--set", "sample/nfe-step.nfe_step=4")
    data = cli("bench", sample, *nfe, *ONE).data
    assert (data["before"]["counters"]["nfe"], data["after"]["counters"]["nfe"]) == (32, 4)
    assert [row["equal"] for row in data["outputs"]] == [False]


def test_the_tree_against_itself_gives_equal_bits(cli: Cli, sample: Path) -> None:
    for patches in ((), EXACT):
        data = cli("bench", sample, "--aa", *patches, *ONE).data
        assert (data["against_itself"], data["patches"]) == (True, [])
        assert [row["equal"] for row in data["outputs"]] == [True]
        assert data["after"]["counters"]["weight_norms"] > 0


@pytest.mark.parametrize(
    ("gate", "code", "name"),
    [
        (("--max-rtf", "1e-12"), 1, "gate-failed"),
        (("--max-rtf", "1e12"), 0, ""),
        (("--min-speedup", "1e12"), 1, "gate-failed"),
    ],
)
def test_gates_speak_by_the_exit_code(
    cli: Cli, sample: Path, gate: tuple[str, str], code: int, name: str
) -> None:
    answer = cli("bench", sample, *EXACT, *gate, "--text", "Hi.", "--rounds", "3", "--json")
    assert answer.code == code
    assert [error["code"] for error in answer.envelope["errors"]] == ([name] if name else [])
    assert answer.data["gates"][0]["passed"] is (code == 0)


def test_one_round_cannot_decide_a_gate(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, *EXACT, "--min-speedup", "1.01", *ONE)
    assert (answer.code, answer.error["code"]) == (4, "gate-undecided")


def test_results_reports_and_audio_are_saved(cli: Cli, sample: Path, tmp_path: Path) -> None:
    saved, report, audio = tmp_path / "out/r.json", tmp_path / "r.md", tmp_path / "audio"
    cli("bench", sample, *EXACT, *ONE, "--save", saved, "--report", report, "--save-audio", audio)
    assert json.loads(saved.read_text())["verdict"] == "inconclusive"
    assert "| RTF |" in report.read_text()
    assert sorted(path.name for path in audio.iterdir()) == ["1.after.wav", "1.before.wav"]
    assert (audio / "1.after.wav").read_bytes() == (audio / "1.before.wav").read_bytes()


def test_nothing_to_compare(cli: Cli, sample: Path) -> None:
    cli("apply", sample)
    cli("rollback", sample)
    answer = cli("bench", sample, "--device", "cuda", "-p", "sample/nfe-step", *ONE)
    assert (answer.code, answer.error["code"]) == (3, "patch-refused")


def test_an_interpreter_that_is_none(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, *EXACT, *ONE, "--python", sample / "no-such-python")
    assert (answer.code, answer.error["code"]) == (5, "python-missing")


def test_an_interpreter_without_torch(cli: Cli, f5_checkout: Path, tree: Tree) -> None:
    before = tree(f5_checkout)
    answer = cli("bench", f5_checkout, "--effect", "lossy", *ONE, "--python", sys.executable)
    assert (answer.code, answer.error["code"]) == (5, "module-missing")
    assert "torch" in answer.error["message"]
    assert "docs/environments.md" in answer.error["hint"]
    assert tree(f5_checkout) == before


@pytest.fixture
def f5_checkout(tmp_path: Path) -> Path:
    """As little of our own writing as tells F5-TTS."""
    files = {
        "src/f5_tts/infer/utils_infer.py": "nfe_step = 32\n\ndef infer_process(nfe_step=nfe_step):\n    pass\n\n"
        "def infer_batch_process(nfe_step=32):\n    pass\n",
        "src/f5_tts/model/cfm.py": "class CFM:\n    pass\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "limit", "name", "told"),
    [
        ("import os; os._exit(3)", 60, "worker-died", "3"),
        ("import time; time.sleep(60)", 2, "worker-hung", "2 s"),
        ("raise RuntimeError('out of paper')", 60, "target-failed", "out of paper"),
        ("import no_such_module_here", 60, "module-missing", "no_such_module_here"),
        ("return [0.0] * 16000", 60, "bad-audio", "silent"),
        ("return [float('nan')] * 16000", 60, "bad-audio", "finite"),
        ("return []", 60, "bad-audio", "length"),
    ],
)
def test_a_system_that_fails_is_named_and_never_a_gate(
    cli: Cli, sample: Path, tree: Tree, code: str, limit: int, name: str, told: str
) -> None:
    break_speech(sample, code)
    before = tree(sample)
    answer = cli("bench", sample, *EXACT, *ONE, "--max-rtf", "1", "--time-limit", limit)
    assert (answer.code, answer.error["code"]) == (5, name)
    assert told in answer.error["message"]
    assert answer.error["hint"]
    assert tree(sample) == before


def test_silence_after_patching_fails_the_quality_gate(cli: Cli, sample: Path) -> None:
    break_speech(
        sample, "if not hasattr(self, '_embeddings'): pass\n        else: return [0.0] * 16000"
    )
    one = ("-p", "sample/kept-speaker-embedding", *ONE)
    with_gate = cli("bench", sample, *one, "--max-rtf", "1000")
    assert (with_gate.code, with_gate.error["code"]) == (1, "gate-failed")
    without = cli("bench", sample, *one)
    assert (without.code, without.error["code"]) == (5, "bad-audio")


def test_code_from_elsewhere_is_named_and_not_measured(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "hook").mkdir(parents=True)
    (elsewhere / "hook/sitecustomize.py").write_text(
        f"import sys\nsys.path.insert(0, {str(sample)!r})\nimport sample_tts.vocoder\nsys.path.pop(0)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(elsewhere / "hook"))
    answer = cli("bench", sample, *EXACT, *ONE)
    assert (answer.code, answer.error["code"]) == (5, "foreign-module")
    assert str(sample / "sample_tts/vocoder.py") in answer.error["message"]


def test_an_edit_that_never_ran_is_never_the_same(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = a_catalogue_with_a_patch_of_the_cli(tmp_path)
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: catalogue)
    patch = ("-p", "sample/idle", "--text", "Hi.", "--rounds", "2")
    assert "not exercised" not in cli("bench", sample, *patch, "--rounds", "1").err
    gated = cli("bench", sample, *patch, "--min-speedup", "0.1", "--json")
    data = gated.data
    assert (data["verdict"], data["never_run"]) == ("not_exercised", ["sample/idle"])
    assert (gated.code, gated.error["code"]) == (4, "gate-undecided")
    assert "sample/idle" in gated.error["message"]


def test_a_change_that_cannot_be_traced_is_said_to_be_so(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    (sample / "voices.yaml").write_text("rate: 1\n")
    own = tmp_path / "rate.patch"
    own.write_text("--- a/voices.yaml\n+++ b/voices.yaml\n@@ -1 +1 @@\n-rate: 1\n+rate: 2\n")
    answer = cli("bench", sample, "--patch-file", own, "--text", "Hi.", "--rounds", "2", "--json")
    assert answer.data["patches"] == ["file/rate"]
    assert answer.data["untraced"] == [{"patch": "file/rate", "path": "voices.yaml"}]
    assert (answer.data["exercised"], answer.data["never_run"]) == ([], [])


def a_catalogue_with_a_patch_of_the_cli(tmp_path: Path) -> Path:
    """The sample system with one patch, of a file that its workload never imports."""
    folder = tmp_path / "catalogue/sample"
    (folder / "idle").mkdir(parents=True)
    for name in ("system.toml", "workload.py"):
        (folder / name).write_text(
            (Path(__file__).parents[3] / "patches/sample" / name).read_text()
        )
    (folder / "idle/patch.toml").write_text(
        'id = "sample/idle"\nversion = 1\nsummary = "s"\nwhy = "w"\neffect = "exact"\n'
        '[[files]]\npaths = ["sample_tts/cli.py"]\n[[files.edits]]\nensure_import = "import queue"\n'
        '[[files.edits]]\nin = "main"\ninsert = "queue.Queue()"\nbefore = ["return 0", "return $_"]\n'
    )
    return folder.parent


def test_the_demo_goes_the_whole_way_and_restores_the_tree(
    cli: Cli, tmp_path: Path, tree: Tree
) -> None:
    kept, audio = tmp_path / "kept", tmp_path / "audio"
    data = cli("demo", "--rounds", "1", "--keep", kept, "--save-audio", audio, "--json").data
    assert data["restored"]
    assert data["tree_sha256_before"] == data["tree_sha256_after"]
    assert len(data["bench"]["patches"]) == 4
    assert len(data["audio"]) == 2
    assert all(Path(path).stat().st_size > 10_000 for path in data["audio"])
    origin = Path(__file__).parents[3] / "patches/sample/checkout"
    assert tree(kept) == tree(origin)
    again = cli("demo", "--keep", kept, "--json")
    assert (again.code, again.error["code"]) == (2, "exists")


@pytest.mark.parametrize(
    ("option", "code", "name"),
    [
        (("--weights", "no-such-folder"), 2, "no-weights"),
        (("--size", "huge"), 2, "usage"),
        (("--rounds", "0"), 2, "usage"),
        (("--max-rtf", "nan"), 2, "bad-limit"),
        (("--min-speedup", "-1"), 2, "bad-limit"),
        (("--save-audio", "/dev/null/audio"), 5, "unwritable"),
        (("--save", "/dev/null/result.json"), 5, "unwritable"),
    ],
)
def test_what_cannot_work_is_said_before_anything_runs(
    cli: Cli, sample: Path, option: tuple[str, str], code: int, name: str
) -> None:
    break_speech(sample, "raise AssertionError('it ran')")
    answer = cli("bench", sample, *EXACT, *ONE, *option)
    assert (answer.code, answer.error["code"]) == (code, name)


def test_audio_may_be_saved_inside_the_checkout(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, *EXACT, *ONE, "--save-audio", sample / "audio")
    assert answer.code == 0
    assert len(list((sample / "audio").iterdir())) == 2


def test_a_setting_that_would_not_be_measured_is_refused(cli: Cli, sample: Path) -> None:
    nfe = ("--effect", "lossy", "--set", "sample/nfe-step.nfe_step=4")
    cli("apply", sample, "-p", "sample/nfe-step", "--effect", "lossy")
    answer = cli("bench", sample, *nfe, *ONE)
    assert (answer.code, answer.error["code"]) == (2, "not-measured")
    named = cli("bench", sample, "-p", "sample/nfe-step", *nfe, *ONE).data
    assert (named["before"]["counters"]["nfe"], named["after"]["counters"]["nfe"]) == (32, 4)


def test_the_demo_leaves_patches_around_it_alone(cli: Cli, sample: Path) -> None:
    (sample / ".git").mkdir()
    cli("apply", sample, *EXACT)
    cli("demo", "--rounds", "1", "--keep", sample / "demo", "--save-audio", sample / "audio")
    applied = cli("status", sample, "--json").data["patches"]
    assert [row["patch"] for row in applied] == ["sample/folded-weight-norm"]


def test_a_failure_after_a_complete_round_keeps_what_was_measured(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    # It speaks once where it is traced, and two to four times in each process of a round.
    count = tmp_path / "count"
    count.write_text("")
    break_speech(
        sample,
        f"with open({str(count)!r}, 'a') as file: file.write('x')\n"
        f"        if len(open({str(count)!r}).read()) > 16: raise ValueError('no such voice')",
    )
    saved = tmp_path / "saved.json"
    many = ("--aa", "--text", "Hi.", "--rounds", "9", "--save", saved, "--json")
    answer = cli("bench", sample, *many)
    assert answer.code == 5
    assert "no such voice" in answer.error["message"]
    data = json.loads(saved.read_text())
    assert 0 < len(data["rounds"]) < 9
    assert "no such voice" in data["failure"]
