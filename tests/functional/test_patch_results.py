"""What `bench --save` kept becomes a row, and `show` prints it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import default_sets
import patch_results
import pytest
from cli_driver import Cli

PATCH = "sample/precompiled-regex"
FAST = "sample/folded-weight-norm"


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of results in the place of the one that comes with ttsopt."""
    folder = tmp_path / "results"
    monkeypatch.setattr("ttsopt.catalog.results.results_folder", lambda: folder)
    return folder


def saved_data() -> dict[str, Any]:
    """As `ttsopt bench --save` writes it, of the keys that make a row."""
    ratio = {"value": 1.0234567, "interval": [1.01, None], "level": 0.95, "rounds": 2}
    side = {"peak_gpu_memory": None, "peak_memory": 1000, "model": {"dtype": "float32"}}
    output = {"equal": True, "token_agreement": None, "snr_db": None, "mel_db": 0.0}
    return {
        "schema": 1,
        "patches": [PATCH],
        "settings": [{"patch": PATCH, "version": 1, "parameters": {"n": 7}}],
        "version": "1.2",
        "commit": "abc",
        "threads": 1,
        "size": "tiny",
        "weights": "random",
        "hot": False,
        "hot_cache": None,
        "stream": False,
        "concurrency": 1,
        "date": "2026-01-31",
        "ttsopt": "0.1.0",
        "verdict": "inconclusive",
        "speedup": ratio,
        "cpu_speedup": ratio | {"value": 1.5, "verdict": "faster"},
        "texts": {"en": "The birch canoe slid on the smooth planks."},
        "outputs": [output | {"mel_db_worst": 0.0}],
        "before": side,
        "after": side | {"peak_memory": 1200},
        "load_ratio": {"value": 1.05, "interval": [1.0, 1.1], "level": 0.95, "rounds": 2},
        "environment": {
            "machine": {"cpu": "a processor", "usable_cores": 2, "system": "Linux 6.1.0-own-built"}
            | {"vendor": "intel", "instructions": "amx"},
            "interpreter": {"python": "3.11.7", "packages": {"torch": "2.13.0+cpu"}},
            "gpus": [{"name": "a GPU", "compute_capability": "9.0"}],
        },
    }


def rows(results: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((results / "sample.json").read_text())["rows"]
    return found


def keep(results: Path, *options: str, **changes: Any) -> list[dict[str, Any]]:
    """Keep a result, and give all rows that are there then."""
    results.mkdir(exist_ok=True)
    file = results / "saved"
    file.write_text(json.dumps(saved_data() | changes))
    assert patch_results.main([str(file), *options], results) == 0
    return rows(results)


def test_a_real_result_becomes_a_row_that_show_prints(
    cli: Cli, sample: Path, tmp_path: Path, results: Path
) -> None:
    saved = tmp_path / "saved.json"
    once = ("--rounds", "2", "--threads", "1", "--text", "Hi.")
    cli("bench", sample, "-p", FAST, *once, "--save", saved)
    assert patch_results.main([str(saved)], results) == 0
    (row,) = rows(results)
    assert (row["patch"], row["of"], row["rounds"], row["texts"]) == (FAST, "cpu", 2, ["Hi."])
    assert row["came_out"]["equal"] is True
    assert row["date"] == datetime.now(UTC).date().isoformat()
    shown = cli("show", FAST)
    assert f"measured: {row['speedup']:.2f}x (" in shown.out
    assert "equal bits" in shown.out
    assert cli("show", FAST, "--json").data["measured"] == [row]


def test_one_thread_is_told_by_cpu_time_and_several_by_the_wall(results: Path) -> None:
    (one,) = keep(results)
    assert (one["of"], one["speedup"], one["verdict"]) == ("cpu", 1.5, "faster")
    one, many = keep(results, threads=2)
    assert (many["of"], many["speedup"], many["verdict"]) == ("wall", 1.0235, "inconclusive")
    (waiting, _) = keep(results, "--of", "wall")
    assert (waiting["threads"], waiting["of"]) == (1, "wall")


def test_of_warm_caches_it_is_the_texts_said_again(results: Path) -> None:
    again = {"value": 1.8, "interval": [1.5, 2.1], "level": 0.95, "rounds": 4}
    (row,) = keep(results, hot=True, hot_cache={"speedup": again})
    assert (row["hot"], row["of"], row["speedup"]) == (True, "wall", 1.8)
    assert (row["rounds"], row["verdict"]) == (4, "faster")


def test_on_a_gpu_it_is_the_wall_and_the_gpu_is_told(results: Path) -> None:
    (row,) = keep(results, after=saved_data()["after"] | {"peak_gpu_memory": 1})
    assert (row["of"], row["machine"]["gpu"]) == ("wall", "a GPU")
    assert row["machine"]["compute_capability"] == "9.0"


def test_a_row_has_the_class_of_its_device_and_what_it_costs(results: Path) -> None:
    (row,) = keep(results)
    machine = row["machine"]
    assert (machine["vendor"], machine["instructions"]) == ("intel", "amx")
    assert (row["memory"], row["load"]) == (1.2, 1.05)


def test_what_was_saved_before_is_read_and_completed_by_hand(results: Path) -> None:
    environment = saved_data()["environment"]
    for key in ("vendor", "instructions"):
        del environment["machine"][key]
    old = {"environment": environment, "load_ratio": None}
    (row,) = keep(results, **old)
    assert (row["machine"]["instructions"], row["load"]) == ("", None)
    (row,) = keep(results, "--instructions", "avx2", **old)
    assert row["machine"]["instructions"] == "avx2"


def test_show_says_which_of_a_checkouts_models_spoke(cli: Cli, results: Path) -> None:
    keep(results, after=saved_data()["after"] | {"model": {"version": "v4", "dtype": "float32"}})
    assert "1.2, model v4, size tiny" in " ".join(cli("show", PATCH).out.split())


def test_a_newer_row_takes_the_place_of_its_like_alone(results: Path) -> None:
    keep(results)
    keep(results, size="real")
    keep(results, "--note", "CosyVoice 1")
    setting = {"patch": PATCH, "version": 2, "parameters": {"n": 7}}
    found = keep(results, settings=[setting])
    assert sorted((row["size"], row["note"], row["patch_version"]) for row in found) == [
        ("real", "", 1),
        ("tiny", "", 2),
        ("tiny", "CosyVoice 1", 1),
    ]


def test_of_each_the_patches_alone_are_kept(results: Path) -> None:
    kinds = (("alone", [PATCH]), ("left out", [PATCH]), ("all", [PATCH, FAST]))
    each = [
        {"kind": kind, "patches": ids, "result": saved_data() | {"patches": ids}}
        for kind, ids in kinds
    ]
    assert len(keep(results, each=each)) == 1


def test_of_all_texts_the_worst_is_kept(results: Path) -> None:
    near = {"equal": True, "snr_db": None, "mel_db": 0.0, "mel_db_worst": 0.0}
    far = {"equal": False, "snr_db": 61.0, "mel_db": 0.05, "mel_db_worst": 0.12}
    outputs = [row | {"token_agreement": None} for row in (near, far, near)]
    (row,) = keep(results, outputs=outputs)
    assert row["came_out"] == far | {"tokens": None}


def test_a_row_has_the_names_of_texts_and_nothing_of_ones_own_kernel(results: Path) -> None:
    (row,) = keep(results)
    assert (row["texts"], row["languages"]) == (["short"], ["en"])
    assert row["machine"]["system"] == "Linux 6.1"


def test_several_patches_together_say_nothing_of_one(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "together.json"
    file.write_text(json.dumps(saved_data() | {"patches": [PATCH, FAST]}))
    assert patch_results.main([str(file)], results) == 1
    assert not results.exists()


def test_why_nothing_was_measured_is_kept_until_something_is(cli: Cli, results: Path) -> None:
    assert patch_results.main(["--not-measured", PATCH, "it needs a GPU"], results) == 0
    assert "not measured: it needs a GPU" in cli("show", PATCH).out
    keep(results)
    assert "not measured" not in cli("show", PATCH).out
    assert cli("show", PATCH, "--json").data["not_measured"] is None


def test_show_says_that_a_run_without_a_gpu_is_not_what_counts(
    cli: Cli, results: Path, tmp_path: Path
) -> None:
    tested = {"patch": "f5-tts/tf32", "version": 1, "parameters": {}}
    file = tmp_path / "saved"
    file.write_text(json.dumps(saved_data() | {"patches": ["f5-tts/tf32"], "settings": [tested]}))
    assert patch_results.main([str(file)], results) == 0
    out = cli("show", "f5-tts/tf32").out
    assert "not measured on the device that it is for: it needs a CUDA GPU" in out
    assert "\nmeasured: " in out


def test_show_says_where_the_patch_has_changed_since(cli: Cli, results: Path) -> None:
    setting = {"patch": PATCH, "version": 0, "parameters": {}}
    keep(results, settings=[setting])
    words = "What was measured is version 0 of this patch; it is at version 1 now."
    assert words in cli("show", PATCH).out


def test_a_whole_set_is_a_row_that_a_newer_one_replaces(tmp_path: Path) -> None:
    kept, file = tmp_path / "sets.json", tmp_path / "saved"
    names = ["sample/a", "sample/b"]
    both = [{"patch": name, "version": 1, "parameters": {}} for name in names]
    more = {"system": "sample", "settings": both, "never_run": []}
    for kind, date in (
        ("default", "2026-01-01"),
        ("former", "2026-01-01"),
        ("default", "2026-01-02"),
    ):
        file.write_text(json.dumps(saved_data() | more | {"date": date}))
        assert default_sets.main([kind, str(file)], kept) == 0
    found = [(row["kind"], row["date"], row["patches"]) for row in json.loads(kept.read_text())]
    assert sorted(found) == [("default", "2026-01-02", names), ("former", "2026-01-01", names)]
    assert default_sets.main([str(file)], kept) == 2
