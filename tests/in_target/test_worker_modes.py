"""How a worker warms up, speaks hot, streams, speaks several at once, and profiles."""

from __future__ import annotations

import pstats
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

SPEAKS = """
import os, threading, time

STUBS = ("nothing",)
{flags}

def describe():
    return {{"dtype": "float64", "steps": 3}}

def load(job):
    at_once = max([1] + [row["concurrency"] for row in job.get("scenarios", [])])
    here = threading.Barrier(at_once) if at_once > 1 else None

    def speak(utterance, seed):
        with open(os.path.join(job["scratch"], "said"), "a") as file:
            file.write(utterance["id"] + "\\n")
        if here:
            here.wait(20)
        {speak}
        return {{"samples": [0.5, -0.5] * 500, "sample_rate": 1000, "chunks": [[0.25, 400], [0.5, 600]]}}

    return speak
"""
WARM = {"id": "warmup", "text": "something else"}


def put(tree: Tree, flags: str = "", speak: str = "pass") -> None:
    tree.write("workload.py", SPEAKS.format(flags=flags, speak=speak))


def one_scenario(concurrency: int, *ids: str, name: str = "fresh") -> dict[str, Any]:
    return {"name": name, "concurrency": concurrency, "speak": list(ids)}


def said(tree: Tree) -> list[str]:
    return (tree.folder / "scratch" / "said").read_text(encoding="utf-8").split()


def test_what_warms_up_is_not_what_is_timed(tree: Tree) -> None:
    put(tree)
    tree.run(texts=("a", "b"), warmup=1, warmup_utterances=[WARM])
    assert said(tree) == ["warmup", "a", "b"]


def test_every_language_is_warm_before_any_is_timed(tree: Tree) -> None:
    put(tree)
    turn = [{"id": name, "text": name} for name in ("warm-en", "warm-zh")]
    result = tree.run(texts=("a",), warmup=2, warmup_utterances=turn).result
    assert said(tree)[:2] == ["warm-en", "warm-zh"]
    assert said(tree)[-1] == "a"
    assert len(said(tree)) == 2 * len(result["warmup_seconds"]) + 1


def test_warming_up_ends_when_two_calls_agree(tree: Tree) -> None:
    pauses = "time.sleep([0.4, 0.2, 0.2, 0.2, 0.2][min(4, len(SAID))]); SAID.append(1)"
    put(tree, "SAID = []", pauses)
    result = tree.run(warmup=5, warmup_utterances=[WARM]).result
    assert len(result["warmup_seconds"]) < 5
    assert said(tree).count("warmup") == len(result["warmup_seconds"])


def test_warming_up_that_never_settles_has_an_end(tree: Tree) -> None:
    put(tree, "SAID = []", "time.sleep(0.02 * 2 ** len(SAID)); SAID.append(1)")
    result = tree.run(warmup=3, warmup_utterances=[WARM]).result
    assert len(result["warmup_seconds"]) == 3


def test_scenarios_follow_each_other_and_are_told_apart(tree: Tree) -> None:
    put(tree)
    scenarios = [one_scenario(1, "a", "b"), one_scenario(1, "a", "b", name="hot")]
    ran = tree.run(texts=("a", "b"), warmup=1, warmup_utterances=[WARM], scenarios=scenarios)
    assert said(tree) == ["warmup", "a", "b", "a", "b"]
    hot = ran.result["further"]["hot"]
    assert [row["id"] for row in hot["utterances"]] == ["a", "b"]
    assert hot["utterances"][0]["output"] == "output/hot/a.npy"
    assert (ran.control / "output" / "hot" / "a.npy").read_bytes() == ran.output("a")
    assert (ran.result["whole"], hot["whole"]) == (None, None)


@pytest.mark.parametrize(
    ("row", "words"),
    [(one_scenario(1, "c"), "not among"), (one_scenario(1, "a", name="../up"), "name of a file")],
)
def test_a_pass_that_makes_no_sense_is_named(tree: Tree, row: dict[str, Any], words: str) -> None:
    put(tree)
    result = tree.run(texts=("a",), scenarios=[row]).result
    assert (result["ok"], result["stage"]) == (False, "request")
    assert words in result["message"]


KEEPS = """\
COUNTS = {"hits": 0, "misses": 0}
seen = set()

def cache_counts():
    return dict(COUNTS)

def speak(text):
    COUNTS["hits" if text in seen else "misses"] += 1
    seen.add(text)
"""


def test_what_a_helper_keeps_is_counted_by_the_call(tree: Tree) -> None:
    tree.write("view/src/pack/ttsopt_kept.py", KEEPS)
    put(tree, "", "from pack import ttsopt_kept; ttsopt_kept.speak(utterance['text'])")
    scenarios = [one_scenario(1, "a", "b"), one_scenario(1, "a", "b", name="hot")]
    result = tree.run(texts=("a", "b"), warmup_utterances=[WARM], scenarios=scenarios).result
    fresh, hot = result["utterances"], result["further"]["hot"]["utterances"]
    assert [row["counters"] for row in fresh] == [{"cache_hits": 0, "cache_misses": 1}] * 2
    assert [row["counters"] for row in hot] == [{"cache_hits": 1, "cache_misses": 0}] * 2


def test_without_a_helper_that_counts_nothing_is_said_of_kept_values(tree: Tree) -> None:
    tree.write("view/src/kept.py", KEEPS)  # a cache of the system's own
    put(tree, "", "import kept; kept.speak(utterance['text'])")
    (row,) = tree.run().result["utterances"]
    assert row["counters"] == {}


def test_a_stream_tells_when_each_chunk_came_and_its_seconds(tree: Tree) -> None:
    put(tree, "STREAMS = True")
    (row,) = tree.run(stream=True).result["utterances"]
    assert row["chunks"] == [[0.25, 0.4], [0.5, 0.6]]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"stream": True}, "stream"),
        ({"scenarios": [one_scenario(2, "a", "b")]}, "threads at once"),
        (
            {"scenarios": [one_scenario(1, "a"), one_scenario(2, "a", "b", name="x2")]},
            "threads at once",
        ),
    ],
)
def test_a_workload_that_cannot_is_not_made_to(
    tree: Tree, asked: dict[str, Any], words: str
) -> None:
    put(tree)
    result = tree.run(texts=("a", "b"), **asked).result
    assert (result["ok"], result["stage"]) == (False, "request")
    assert words in result["message"]


def test_several_at_once_are_in_the_model_together(tree: Tree) -> None:
    # Each call waits for another one: one after the other, they would wait until they broke.
    put(tree, "CONCURRENT = True")
    ids = ("a", "b", "c", "d")
    result = tree.run(texts=ids, scenarios=[one_scenario(2, *ids)], warmup=0).result
    assert [row["id"] for row in result["utterances"]] == ["a", "b", "c", "d"]
    wall, whole_cpu = result["whole"]
    assert wall > 0
    cpu = sum(row["cpu_seconds"] for row in result["utterances"])
    assert cpu == pytest.approx(whole_cpu)


def test_an_error_in_one_of_several_is_that_of_the_run(tree: Tree) -> None:
    put(tree, "CONCURRENT = True", "raise ValueError('no such voice')")
    result = tree.run(texts=("a", "b"), scenarios=[one_scenario(2, "a", "b")], warmup=0).result
    assert (result["ok"], result["stage"], result["error"]) == (False, "measure", "ValueError")


@pytest.mark.parametrize("task", ["measure", "trace", "profile"])
def test_the_model_is_described_as_it_is(tree: Tree, task: str) -> None:
    put(tree)
    assert tree.run(task).result["model"] == {"dtype": "float64", "steps": 3}


def test_a_profile_names_the_slow_function_and_keeps_all_in_a_file(tree: Tree) -> None:
    slow = "def spin():\n    return sum(i * i for i in range(300000))\n"
    tree.write("view/src/engine.py", slow)
    put(tree, "", "import engine; engine.spin()")
    ran = tree.run("profile", warmup_utterances=[WARM])
    found = ran.result["profile"]
    assert any(row["file"] == "src/engine.py" for row in found["functions"][:3])
    assert found["operators"] == []
    (file,) = found["files"]
    assert pstats.Stats(file).total_calls > 0  # type: ignore[attr-defined]
    assert list(found["memory"]) == ["start", "loaded", "warm", "spoken"]
