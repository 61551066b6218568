"""Whatever strikes at whatever point of a step: every file whole, recovery unasked, the way back exact."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from faults import ERRORS, INTERRUPTS, KILLS, End, Kind, Outcome
from strike_checks import check_aftermath, check_state
from strike_stories import STORIES, Stage, Story

CANNOT_RUN = 5
QUICK = 83  # the quick form takes every so many-th point; prime, so that points and kinds go round each other
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.name))


@pytest.fixture(scope="module")
def opened() -> Iterator[Stage]:
    with Stage.opened() as stage:
        yield stage


@pytest.fixture
def stage(opened: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    opened.enter(monkeypatch)
    return opened


@each_story
def test_some_points_and_kinds_of_every_step(stage: Stage, story: Story) -> None:
    points = list(product(range(stage.calls(story)), Kind))
    for at, kind in points[STORIES.index(story) :: QUICK]:
        strike_and_check(stage, story, kind, at)


@pytest.mark.slow
def test_a_kill_at_every_point_of_every_step(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    kills = 0
    for story in STORIES:
        for at, kind in product(range(stage.calls(story)), sorted(KILLS, key=str)):
            strike_and_check(stage, story, kind, at)
            kills += 1
    with capsys.disabled():
        print(f"\n{kills} kill points")  # noqa: T201
    assert kills >= 1000


@pytest.mark.slow
@each_story
@pytest.mark.parametrize(
    "kind", sorted(set(Kind) - KILLS, key=str), ids=lambda kind: str(kind.value)
)
def test_every_error_at_every_point(stage: Stage, story: Story, kind: Kind) -> None:
    for at in range(stage.calls(story)):
        strike_and_check(stage, story, kind, at)


def strike_and_check(stage: Stage, story: Story, kind: Kind, at: int) -> None:
    try:
        check_answer(stage, story, kind, stage.strike(story, kind, at))
        check_aftermath(stage, story, at)
    except BaseException as error:
        error.add_note(f"{story.name}: {kind.value} at call {at}")
        raise


def check_answer(stage: Stage, story: Story, kind: Kind, outcome: Outcome) -> None:
    """What the step itself said, and that what could be put back at once is."""
    assert outcome.end is not End.DEFECT, outcome.text
    if kind in KILLS:
        assert outcome.end is End.KILLED
    elif kind in INTERRUPTS:
        assert outcome.end is End.INTERRUPTED
    elif outcome.end is End.FAILED:
        assert outcome.exit_code == CANNOT_RUN, outcome.text
    if kind in ERRORS | INTERRUPTS and not story.recovers:
        names = [story.end] if outcome.end is End.DONE else story.through
        check_state(stage, names, exact=True)
