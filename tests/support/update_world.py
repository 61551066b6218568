"""A clone of a small upstream with patches in it, and a newer version upstream: what `update` works on."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from git_command import commit_all, git
from struck_world import Tree, photograph
from toy_catalogue import PACKAGE, STEPS_PARAMETER, constant, head

from ttsopt.checkout.state.state_home import state_home
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

CORE = """\
import sys

STEPS = 32


class Toy:
    def speak(self, text):
        return slow(text)
"""
EXTRA = "def show(steps=32):\n    return steps\n"
OLD = {
    "toy/core.py": CORE,
    "toy/extra.py": EXTRA,
    "toy/unchanged.py": "RATE = 1\n",
    "toy/old.py": "gone = 1\n",
    "README.md": "toy\n",
}
NEW = {
    "toy/core.py": "# version 2\n" + CORE.replace("class Toy", "\nclass Toy"),
    "toy/extra.py": "def show(count):\n    return count\n",  # `shown` finds nothing in it
    "toy/unchanged.py": "RATE = 1\n",
    "toy/more/new.py": "new = 1\n",
    "README.md": "toy, version 2\n",
}
HELPER = "def kept(function):\n    return function\n"
KEPT = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "Toy.speak"
decorate = "kept"
[[files.edits]]
add_file = "toy_kept.py"
import = ["kept"]
"""
SHOWN = """
[[files]]
paths = ["toy/extra.py"]
[[files.edits]]
in = "show"
set_default = "steps"
old = ["32"]
new = "7"
"""
PATCHES = {
    "steps": STEPS_PARAMETER + constant("toy/core.py", "${steps}"),
    "kept": KEPT,
    "shown": SHOWN,
    "rate": constant("toy/unchanged.py", "8", "RATE", "1"),
}


@dataclass(frozen=True)
class UpdateWorld:
    """`top` is a clone of `upstream`, a bare repository; `work` is another clone, which pushes to it."""

    folder: Path

    @property
    def top(self) -> Path:
        return self.folder / "checkout"

    @property
    def upstream(self) -> Path:
        return self.folder / "upstream.git"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def catalogue(self) -> Path:
        return self.folder / "catalogue"

    def make(self) -> UpdateWorld:
        """Lay out upstream's first version, and the clone of it."""
        write(self.work, OLD)
        commit_all(self.work)
        git(self.folder, "clone", "-q", "--bare", str(self.work), str(self.upstream))
        git(self.work, "remote", "add", "origin", str(self.upstream))
        git(self.folder, "clone", "-q", str(self.upstream), str(self.top))
        system = self.catalogue / "toy"
        for name, edits in PATCHES.items():
            (system / name).mkdir(parents=True)
            (system / name / "patch.toml").write_text(head(name) + edits)
        (system / "system.toml").write_text(PACKAGE)
        (self.catalogue / "_helpers").mkdir()
        (self.catalogue / "_helpers" / "toy_kept.py").write_text(HELPER)
        return self

    def release(self, files: dict[str, str] | None = None, tag: str = "") -> str:
        """Publish another version, the files of which are all that is in it; gives its commit."""
        for entry in self.work.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        write(self.work, NEW if files is None else files)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", "next")
        git(self.work, "push", "-q", "origin", "HEAD")
        if tag:
            git(self.work, "tag", tag)
            git(self.work, "push", "-q", "origin", tag)
        return git(self.work, "rev-parse", "HEAD")

    def apply(self, *settings: str, where: Path | None = None) -> Applied:
        target = Target(where or self.top)
        return apply(PlanRequest(target, Selection(settings=settings)))

    def files(self) -> Tree:
        """The files of the work tree, with their modes."""
        return photograph(self.top, {".git", ".ttsopt"})

    def head(self) -> str:
        return git(self.top, "rev-parse", "HEAD")

    def applied(self) -> list[str]:
        return sorted(row.id for row in status(self.top).patches)

    def clean(self) -> str:
        """What git finds changed once the patches are out."""
        assert rollback(self.top).refusal is None
        return git(self.top, "status", "--short")

    def save(self, name: str) -> None:
        """Keep this state of checkout and state folder."""
        for part, folder in (("tree", self.top), ("state", state_home())):
            kept = self.folder / "kept" / name / part
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept, symlinks=True)

    def lay(self, name: str) -> None:
        """Bring a kept state back."""
        for part, folder in (("tree", self.top), ("state", state_home())):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.folder / "kept" / name / part, folder, symlinks=True)


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(os.fsencode(text))
