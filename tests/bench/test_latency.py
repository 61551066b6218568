"""What somebody who asks, or listens, has to wait."""

from __future__ import annotations

import pytest
from bench_fakes import spoken_round
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.bench.stats.latency import latency, percentiles
from ttsopt.domain.measurement import SpokenUtterance, WorkerRound


def streamed(*chunks: tuple[float, float]) -> WorkerRound:
    """A round of one utterance whose chunks came then, with so many seconds of audio."""
    wall, audio = chunks[-1][0], sum(row[1] for row in chunks)
    row = SpokenUtterance("a", wall, wall, audio, 24000, "0", "", chunks=chunks)
    return WorkerRound(utterances=(row,))


def test_who_listens_from_the_first_chunk_on_waits_for_late_ones_alone() -> None:
    found = latency([streamed((0.5, 1.0), (1.2, 1.0), (4.0, 1.0), (4.1, 1.0))])
    assert found.first_audio is not None
    assert found.first_audio[50] == 0.5
    # Two seconds of audio from 0.5 on: it ends at 2.5, and the third chunk comes at 4.0.
    assert found.worst_stall == pytest.approx(1.5)
    assert found.cadence == pytest.approx(0.7)


def test_a_stream_that_is_always_ahead_never_stalls() -> None:
    assert latency([streamed((0.2, 1.0), (0.9, 1.0), (1.8, 1.0))]).worst_stall == 0


def test_a_stall_moves_what_comes_later() -> None:
    # The second chunk comes a second late and is heard until 4.0; the third is there by then.
    assert latency([streamed((1.0, 1.0), (3.0, 1.0), (3.9, 1.0))]).worst_stall == pytest.approx(1.0)


def test_without_a_stream_the_first_audio_is_all_of_it() -> None:
    round_ = spoken_round(rtf=0.5)
    assert round_.utterances[0].first_audio_seconds == round_.utterances[0].wall_seconds
    found = latency([round_])
    assert (found.first_audio, found.worst_stall, found.cadence) == (None, None, None)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_percentiles_are_values_that_so_many_do_not_exceed(values: list[float]) -> None:
    for percent, value in percentiles(values).items():
        assert value in values
        assert sum(row <= value for row in values) >= percent / 100 * len(values)
        assert sum(row < value for row in values) < percent / 100 * len(values)
