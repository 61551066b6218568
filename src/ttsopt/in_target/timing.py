"""Timed calls of a workload: until it is warm, one by one, or several at once. Loaded by worker.py.

The clocks are taken here, before anything of the checkout is imported: it may put others into the module `time`.
"""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time
from typing import Any, Callable, Dict, List, Tuple

Row = Dict[str, Any]
Speak = Callable[[Row, int], Any]
Wait = Callable[[], object]


class Text:
    """Where a text comes from, and who is told that it is spoken; by default it is there already."""

    def __init__(self, ask: Callable[[], List[Row]], spoken: Wait = lambda: None) -> None:
        self.ask, self.spoken = ask, spoken


class Call:
    """One call: what it returned, and its seconds, the device idle at both ends."""

    def __init__(self, utterance: Row, returned: Any, wall: float, cpu: float) -> None:
        self.utterance, self.returned = utterance, returned
        self.wall, self.cpu = wall, cpu


def warm_up(speak: Speak, wait: Wait, job: Row) -> List[float]:
    """Wall seconds of turns until two that follow each other agree within a tenth, or `warmup` of them are done.

    A turn has texts of its own, in every language: what is timed later must not be hot already, nor may it be the
    first that a language's dictionary or model is asked.
    """
    texts = [Text(lambda one=one: [one]) for one in job.get("warmup_utterances", [])]  # type: ignore[misc]
    seconds: List[float] = []
    while texts and len(seconds) < job.get("warmup", 1) and not is_stable(seconds):
        seconds.append(sum(timed(speak, wait, text, job["seed"]).wall for text in texts))
    return seconds


def is_stable(seconds: List[float]) -> bool:
    """Return True if the last two turns took about as long as each other."""
    return len(seconds) > 1 and abs(seconds[-1] - seconds[-2]) <= 0.1 * seconds[-2]


def timed(speak: Speak, wait: Wait, text: Text, seed: int) -> Call:
    """One call. What earlier ones left is collected first; during it the collector is on, as in a service.

    The text is asked for when all else is ready; `speak` gives samples that are there, not ones to be computed.
    """
    gc.collect()
    wait()
    (utterance,) = text.ask()
    wall, cpu = perf_counter(), process_time()
    returned = speak(utterance, seed)
    wait()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    text.spoken()
    return Call(utterance, returned, wall, cpu)


def at_once(
    speak: Speak, wait: Wait, text: Text, seed: int, concurrency: int
) -> Tuple[List[Call], float, float]:
    """Utterances from `concurrency` threads; the calls, and (wall, CPU) seconds of the whole.

    The texts come together, as requests do. The CPU time of one call cannot be told from its neighbours': it is
    the whole's, shared out equally.
    """
    gc.collect()
    wait()
    utterances = text.ask()
    wall, cpu = perf_counter(), process_time()
    with ThreadPoolExecutor(concurrency) as pool:
        calls = list(pool.map(lambda one: unwaited(speak, one, seed), utterances))
    wait()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    text.spoken()
    for call in calls:
        call.cpu = cpu / len(calls)
    return calls, wall, cpu


def unwaited(speak: Speak, utterance: Row, seed: int) -> Call:
    """One call among others: its latency, as who asked for it sees it."""
    start = perf_counter()
    returned = speak(utterance, seed)
    return Call(utterance, returned, perf_counter() - start, 0.0)
