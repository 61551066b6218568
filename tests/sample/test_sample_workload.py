"""The workload of the sample, run here as the worker runs it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

WORKLOAD = Path(__file__).parents[2] / "patches/sample/workload.py"


@pytest.fixture
def workload(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(checkout))
    spec = importlib.util.spec_from_file_location("_workload_sample", WORKLOAD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for name in [name for name in sys.modules if name.partition(".")[0] == "sample_tts"]:
        del sys.modules[name]


def test_the_workload_speaks_and_counts_what_ran(workload: ModuleType) -> None:
    speak = workload.load({"weights": "random"})
    result = speak({"id": "short", "text": "Now, no."}, 0)
    assert result["sample_rate"] == 16000
    assert len(result["samples"]) > 8000
    counters = result["counters"]
    assert counters["nfe"] == 2 * 32  # two fragments at the checkout's own default
    assert counters["speaker_embeddings"] == 2
    assert counters["lexicon_builds"] == 2
    assert counters["weight_norms"] > 50


def test_the_workload_counts_each_utterance_anew(workload: ModuleType) -> None:
    speak = workload.load({"weights": "random"})
    first, second = (speak({"id": "short", "text": "No."}, 0) for _ in range(2))
    assert first["counters"] == second["counters"]
    assert first["samples"] == second["samples"]


def test_the_workload_says_which_stubs_it_uses(workload: ModuleType) -> None:
    assert any("no neural network" in sentence for sentence in workload.STUBS)
