"""benchmarks/on_gpu.sh without a GPU: the sample from a bundle, its row written, what does not fit named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "benchmarks" / "on_gpu.sh"
ROWS = (
    "sample\tsample/precompiled-regex\t60\t--rounds 1 --text Hi.\nsample\tsample/nfe-step\t9000\t\n"
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a script for bash")


def bundle(folder: Path) -> Path:
    """The sample as gpu_bundle.sh packs a tree; ttsopt itself is seen through from this environment."""
    (folder / "trees").mkdir(parents=True)
    with tarfile.open(folder / "trees/sample.tar.xz", "w:xz") as tree:
        tree.add(ROOT / "patches/sample/checkout", ".")
    return folder


def run(folder: Path, device: str, **more: str) -> subprocess.CompletedProcess[str]:
    table = folder / "rows.tsv"
    table.write_text(ROWS + more.get("ROWS", ""))
    paths = os.pathsep.join(path for path in sys.path if path)
    variables = {"ON_GPU_DEVICE": device, "PYTHON": sys.executable, "PYTHONPATH": paths}
    return subprocess.run(
        ["bash", str(SCRIPT), str(bundle(folder / "bundle")), str(folder / "out"), str(table)],
        env={**os.environ, **variables, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_each_row_is_written_and_what_has_no_time_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "cpu")
    assert done.returncode == 0, done.stdout + done.stderr
    saved = json.loads((tmp_path / "out/sample-precompiled-regex.json").read_bytes())
    assert saved["patches"] == ["sample/precompiled-regex"]
    assert done.stdout.splitlines() == [
        "measured sample/precompiled-regex (0)",
        "no time left for sample/nfe-step",
        "1 measured",
    ]


def test_without_a_gpu_nothing_is_measured(tmp_path: Path) -> None:
    done = run(tmp_path, "cuda")
    assert done.returncode == 2
    assert "no CUDA GPU" in done.stdout


def test_a_dry_run_plans_each_row_and_measures_none(tmp_path: Path) -> None:
    absent = "sample\tsample/none-such\t60\t\n"
    done = run(tmp_path, "cuda", ON_GPU_DRY_RUN="1", ON_GPU_SECONDS="99999", ROWS=absent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "would measure sample/precompiled-regex: --rounds 1 --text Hi.",
        "would measure sample/nfe-step: ",
        "does not apply: sample/none-such",
        "2 would be measured",
    ]
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["log.txt"]
