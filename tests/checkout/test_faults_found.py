"""Faults that the harness once found, each at the call where it lay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from disk_calls import Call
from faults import NEVER, End
from power_cut import Lost, PowerCut
from strike_checks import check_aftermath, check_state, check_way_back
from strike_stories import STORIES, Stage

from ttsopt.checkout.state.state_home import state_home

ALL_BACK = next(story for story in STORIES if story.name == "all back")


@dataclass
class Denied:
    """The user's state folder may be read, and not changed, from the call on that fits."""

    fits: Callable[[Call], bool]
    begun: bool = False

    def meet(self, call: Call, since: int) -> Any:
        self.begun = self.begun or self.fits(call)
        if self.begun and _is_in_state_home(call):
            raise PermissionError(13, "Permission denied")
        return call.go()


def _is_in_state_home(call: Call) -> bool:
    handle = next((value for key, value in call.keywords.items() if key.endswith("dir_fd")), None)
    folder = Path(f"/proc/self/fd/{handle}").resolve() if handle else Path(str(call.arguments[0]))
    return folder.is_relative_to(state_home())


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with Stage.opened() as stage:
        stage.enter(monkeypatch)
        yield stage


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names of descriptors: Linux")
def test_a_copy_that_cannot_be_dropped_does_not_outlive_the_rollback_that_was_done(
    stage: Stage,
) -> None:
    """The copy still held the pending step, and was believed once `.ttsopt` was gone: status said `applied`."""
    denied = Denied(lambda call: call.name == "unlink" and call.arguments[0] == "journal.json")
    outcome = stage.strike(ALL_BACK, denied, NEVER)
    assert outcome.end is End.DONE, outcome.text
    check_state(stage, ["none"])
    check_way_back(stage)


def test_folders_made_for_a_file_are_lastingly_gone_before_the_journal_says_so(
    stage: Stage,
) -> None:
    """They were deleted and the folder above them not flushed: after a power cut they were back, and empty."""
    kept = stage.world.folder / "kept-for-cut"
    for at in range(stage.calls(ALL_BACK) - 40, stage.calls(ALL_BACK), 3):
        (kept / str(at)).mkdir(parents=True)
        stage.strike(ALL_BACK, PowerCut(Lost.ALL, kept / str(at)), at)
        check_aftermath(stage, ALL_BACK, at)
