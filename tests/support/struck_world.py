"""A small checkout with patches of every kind, and the commands that are struck in it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from toy_catalogue import PACKAGE, STEPS_PARAMETER, constant, head

from ttsopt.checkout.state.state_home import state_home
from ttsopt.domain.effect import Effect
from ttsopt.errors import UsageError
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Tree = dict[str, tuple[int, bytes]]
CORE = b"""\
import sys

STEPS = 32


class Toy:
    def speak(self, text):
        return slow(text)
"""
FILES = {
    "toy/core.py": (0o644, CORE),
    "toy/run.py": (0o755, "# 语\r\nRATE = 1\r\nprint(slow(RATE))\r\n".encode()),
    "lib/wave.py": (0o444, b"STEPS = 32\n"),
    "conf/toy.yaml": (0o640, b"steps: 32  # of the sampler\nrate: 24000\n"),
    "lib/old.txt": (0o600, b"old\n"),
    "lib/kept.txt": (0o644, b"of the user's own\n"),
}
STEPS = (
    STEPS_PARAMETER
    + constant("toy/core.py", "${steps}")
    + """
[[files]]
paths = ["conf/toy.yaml"]
[[files.edits]]
set_yaml = "steps"
old = ["32"]
new = "${steps}"
"""
)
WAVE = constant("lib/wave.py", "8")
RATE = constant("toy/run.py", "8", "RATE", "1")
CALLS = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
replace = "slow($X)"
with = "fast($X)"
[[files]]
paths = ["toy/run.py"]
[[files.edits]]
replace = "slow($X)"
with = "fast($X)"
"""
OWN = """\
diff --git a/new/deep/helper.sh b/new/deep/helper.sh
new file mode 100755
--- /dev/null
+++ b/new/deep/helper.sh
@@ -0,0 +1 @@
+echo 1
diff --git a/lib/old.txt b/lib/old.txt
deleted file mode 100644
--- a/lib/old.txt
+++ /dev/null
@@ -1 +0,0 @@
-old
"""


@dataclass
class World:
    """The checkout, its two catalogues (`now` is the one that is read), and copies of states reached in it."""

    folder: Path
    now: str = "first"

    @property
    def top(self) -> Path:
        return self.folder / "checkout"

    @property
    def catalogue(self) -> Path:
        return self.folder / self.now

    def make(self) -> World:
        """Lay everything out."""
        for path, (mode, data) in FILES.items():
            file = self.top / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(mode)
        (self.folder / "own.patch").write_text(OWN)
        for name, version, edits in (("first", 1, STEPS + WAVE), ("second", 2, STEPS + RATE)):
            for patch, number, text in (("steps", version, edits), ("calls", 1, CALLS)):
                folder = self.folder / name / "toy" / patch
                folder.mkdir(parents=True)
                (folder / "patch.toml").write_text(head(patch, number) + text)
            (self.folder / name / "toy" / "system.toml").write_text(PACKAGE)
        return self

    def request(
        self, *patches: str, own: bool = False, settings: tuple[str, ...] = ()
    ) -> PlanRequest:
        files = (self.folder / "own.patch",) if own else ()
        return PlanRequest(
            Target(self.top), Selection(patches, Effect.CLOSE, settings=settings, files=files)
        )

    def tree(self) -> Tree:
        """Files and folders with their modes, ttsopt's state left out."""
        return photograph(self.top, {".ttsopt"})

    def everything(self) -> Tree:
        """The same with ttsopt's state, wherever it lies."""
        return photograph(self.top) | {
            f"state-home/{path}": row for path, row in photograph(state_home()).items()
        }

    def save(self, name: str) -> None:
        """Keep this state."""
        for part, folder in (("tree", self.top), ("state", state_home())):
            kept = self.folder / "kept" / name / part
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept)

    def lay(self, name: str) -> None:
        """Bring a kept state back, in the same places: the copy of the state is told by the path."""
        for part, folder in (("tree", self.top), ("state", state_home())):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.folder / "kept" / name / part, folder)


def photograph(folder: Path, left_out: Collection[str] = ()) -> Tree:
    found: Tree = {}
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in left_out]
        for name in folders + files:
            path = Path(top, name)
            data = b"" if name in folders else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = (stat.S_IMODE(path.stat().st_mode), data)
    return found


def apply_all(world: World) -> None:
    _apply(world, world.request("toy/steps", "toy/calls", own=True))


def upgrade(world: World) -> None:
    world.now = "second"
    _apply(world, world.request("toy/steps", settings=("toy/steps.steps=9",)))


def one_back(world: World) -> None:
    rollback(world.top, ["toy/steps"])


def all_back(world: World) -> None:
    refusal = rollback(world.top).refusal
    if refusal:
        raise refusal


def again_one_back(world: World) -> None:
    try:
        one_back(world)
    except UsageError as error:
        if error.code != "not-applied":
            raise


def _apply(world: World, request: PlanRequest) -> None:
    refusal = apply(request).refusal
    if refusal:
        raise refusal


def applied(world: World) -> list[tuple[str, int]]:
    return sorted((row.id, row.version) for row in status(world.top).patches)
