"""Parts of a workload: the files of its folder, loaded before it, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

WORKLOAD = """\
import _ttsopt_voice_pitch as pitch

STUBS = ("a library of the tests",)


def load(job):
    import sys

    loaded = sorted(name for name in sys.modules if name.startswith("_ttsopt_voice"))

    def speak(utterance, seed):
        counters = {"pitch": pitch.PITCH, **dict.fromkeys(loaded, 1)}
        return {"samples": [0.0, 0.5], "sample_rate": 8, "counters": counters}

    return speak
"""


@pytest.fixture
def parted(tree: Tree) -> Tree:
    """A workload `voice` with the parts `base` and, from that, `pitch`."""
    tree.write("workloads/voice.py", WORKLOAD)
    tree.write("workloads/voice/base.py", "BASE = 220\n")
    tree.write(
        "workloads/voice/pitch.py",
        "import _ttsopt_voice_base as base\n\nPITCH = 2 * base.BASE\n",
    )
    return tree


def counters(tree: Tree) -> dict[str, int]:
    (row,) = tree.run(workload="workloads/voice.py").result["utterances"]
    found: dict[str, int] = row["counters"]
    return found


def test_the_parts_of_a_workload_are_loaded_before_it_in_the_order_of_their_names(
    parted: Tree,
) -> None:
    assert counters(parted) == {"pitch": 440, "_ttsopt_voice_base": 1, "_ttsopt_voice_pitch": 1}


@pytest.mark.parametrize(
    "other",
    ["voice_two/pitch.py", "voice_pitch.py", "voice/notes.txt", "voice/more/notes.py"],
)
def test_a_file_that_is_no_part_of_the_workload_is_not_run(parted: Tree, other: str) -> None:
    parted.write("workloads/" + other, "raise RuntimeError('not asked for')\n")
    assert counters(parted)["pitch"] == 440


def test_a_part_that_cannot_be_imported_is_named_with_the_stage(parted: Tree) -> None:
    parted.write("workloads/voice/base.py", "import no_such_thing\n")
    result = parted.run(workload="workloads/voice.py").result
    assert (result["ok"], result["stage"]) == (False, "import")
    assert (result["error"], result["missing_module"]) == ("ModuleNotFoundError", "no_such_thing")
    assert str(parted.folder / "workloads/voice/base.py") in result["traceback"]


def test_a_part_that_is_not_there_is_missing_by_its_name(parted: Tree) -> None:
    (parted.folder / "workloads/voice/base.py").unlink()
    assert (
        parted.run(workload="workloads/voice.py").result["missing_module"] == "_ttsopt_voice_base"
    )
