"""Samples of a process tree's memory: over all of a run, and never too many."""

from __future__ import annotations

import os
from itertools import count, pairwise

import pytest

from ttsopt.boundary.process_tree import MOST_SAMPLES, ProcessTree


def test_samples_are_of_the_whole_run_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = (0.25 * at for at in count())
    monkeypatch.setattr("ttsopt.boundary.process_tree.time.monotonic", lambda: next(clock))
    tree = ProcessTree()
    tree.watch(os.getpid())
    looks = 8 * MOST_SAMPLES
    for _ in range(looks):
        tree.look_at_all_memory()
    moments = [at for at, _ in tree.samples]
    apart = {later - earlier for earlier, later in pairwise(moments)}
    assert MOST_SAMPLES / 2 <= len(moments) <= MOST_SAMPLES
    assert moments[0] == 0
    assert moments[-1] >= 0.25 * looks - 3
    assert max(apart) <= 2 * min(apart)
    assert max(held for _, held in tree.samples) == tree.peak > 2**20
