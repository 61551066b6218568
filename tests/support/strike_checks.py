"""What must hold after a strike, wherever it fell."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from strike_stories import Stage, Story
from struck_world import Tree, all_back, applied, photograph

from ttsopt.checkout.state.state_home import state_home
from ttsopt.errors import RefusedError
from ttsopt.operations.planning import make_plan
from ttsopt.operations.status import status


def check_aftermath(stage: Stage, story: Story, at: int) -> None:
    """All that must hold once the disk is well again; `at` says in which of two ways the user goes on."""
    check_whole_files(stage, story)
    check_readers(stage, story)
    if at % 2:
        check_again(stage, story)
    check_way_back(stage)


def check_whole_files(stage: Stage, story: Story) -> None:
    """Each file is wholly as in one of the states; what else is there is ttsopt's own temporary."""
    states = [stage.trees[name] for name in story.through]
    there = stage.world.tree()
    for path in {*there, *(path for tree in states for path in tree)}:
        possible = [tree.get(path) for tree in states]
        assert there.get(path) in possible or is_temporary(path), (path, there.get(path))


def is_temporary(path: str) -> bool:
    name = Path(path).name
    return name.startswith(".") and name.endswith(".ttsopt")


def check_readers(stage: Stage, story: Story) -> None:
    """Commands that read change nothing, and say what is unfinished, or speak of a state that is there."""
    before = stage.world.everything()
    found = status(stage.world.top)
    try:
        make_plan(stage.world.request("toy/steps", "toy/calls", own=True))
    except RefusedError as error:
        assert error.code == "unfinished", error.message  # noqa: PT017
        assert found.unfinished
    if not found.unfinished:
        check_state(stage, story.through)
    assert stage.world.everything() == before


def check_state(stage: Stage, names: Collection[str], *, exact: bool = False) -> str:
    """Files and journal tell of one and the same state; gives its name."""
    there = stage.world.tree()
    if not exact:
        there = {path: row for path, row in there.items() if not is_temporary(path)}
    patches = applied(stage.world)
    fitting = [
        name for name in names if stage.trees[name] == there and stage.patches[name] == patches
    ]
    assert fitting, (patches, difference(stage.trees[list(names)[-1]], there))
    return fitting[0]


def check_again(stage: Stage, story: Story) -> None:
    """The same command, given anew, comes to its end without a question."""
    story.again(stage.world)
    check_state(stage, [story.end], exact=True)


def check_way_back(stage: Stage) -> None:
    """Rolling back all gives the first tree, to the byte and the mode, with nothing left over anywhere."""
    all_back(stage.world)
    left = difference(stage.trees["none"], photograph(stage.world.top))
    assert not left, left
    kept = [path for path in photograph(state_home()) if "originals" in path or "journal" in path]
    assert not kept, kept


def difference(expected: Tree, found: Tree) -> str:
    paths = sorted(path for path in {*expected, *found} if expected.get(path) != found.get(path))
    return "\n".join(f"{path}: {found.get(path)}, not {expected.get(path)}" for path in paths)
