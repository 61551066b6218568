"""Power cuts at every point of a step, on a file system that keeps no more than was flushed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import product

import pytest
from faults import End
from power_cut import Lost, PowerCut
from strike_checks import check_aftermath
from strike_stories import STORIES, Stage, Story

QUICK = 47
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
def test_some_points_of_every_step(stage: Stage, story: Story) -> None:
    points = list(product(range(stage.calls(story)), Lost))
    for at, lost in points[STORIES.index(story) :: QUICK]:
        cut_and_check(stage, story, lost, at)


@pytest.mark.slow
@each_story
@pytest.mark.parametrize("lost", Lost, ids=lambda lost: str(lost.value))
def test_every_point_of_every_step(stage: Stage, story: Story, lost: Lost) -> None:
    for at in range(stage.calls(story)):
        cut_and_check(stage, story, lost, at)


def cut_and_check(stage: Stage, story: Story, lost: Lost, at: int) -> None:
    kept = stage.world.folder / "kept-for-cut"  # on the same file system
    kept.mkdir()
    try:
        outcome = stage.strike(story, PowerCut(lost, kept), at)
        assert outcome.end is End.KILLED, outcome.text
        check_aftermath(stage, story, at)
    except BaseException as error:
        error.add_note(f"{story.name}: power cut at call {at}, lost: {lost.value}")
        raise
    finally:
        shutil.rmtree(kept)
