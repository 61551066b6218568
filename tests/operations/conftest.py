"""A toy system with patches of its own, so that a test can say what the catalogue holds and change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from toy_catalogue import PACKAGE, STEPS_PARAMETER, constant, head

from ttsopt.domain.device_class import DeviceClass
from ttsopt.domain.effect import Device, Effect
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest

CORE = """\
import sys

STEPS = 32


class Toy:
    def speak(self, text, steps=STEPS):
        return slow(text) + slow(steps)
"""
EXTRA = "def show(steps=32):\n    return steps\n"
STEPS = (
    STEPS_PARAMETER
    + constant("toy/core.py", "${steps}", anchor="class Toy")
    + """
[[files.edits]]
ensure_import = "import os"
"""
)
STEPS_ALONE = constant("toy/core.py", "7")
CALLS = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
replace = "slow($X)"
with = "fast($X, os.cpu_count())"
expect = "2"
[[files.edits]]
ensure_import = "import os"
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


@dataclass(frozen=True)
class Toys:
    """A checkout of the toy system, and the catalogue that its patches come from."""

    checkout: Path
    catalogue: Path
    steps_alone: str = STEPS_ALONE
    shown: str = SHOWN
    calls: str = CALLS

    @staticmethod
    def row(done: Applied, name: str) -> PlannedPatch:
        return next(row for row in done.planned.plan.patches if row.patch.id == f"toy/{name}")

    @staticmethod
    def statuses(done: Applied) -> dict[str, Status]:
        return {row.patch.id: row.status for row in done.planned.plan.patches}

    @staticmethod
    def core_with(*names: str) -> str:
        """What patches make of `core.py`, by plain text replacement."""
        core = CORE.replace("import sys", "import os\nimport sys")
        if "steps" in names:
            core = core.replace("= 32", "= 7")
        if "calls" in names:
            core = core.replace("slow(text)", "fast(text, os.cpu_count())")
            core = core.replace("slow(steps)", "fast(steps, os.cpu_count())")
        return core

    def patch(
        self, name: str, edits: str, version: int = 1, effect: str = "exact", device: str = "any"
    ) -> None:
        folder = self.catalogue / "toy" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = head(name, version, effect, device) + edits
        (folder / "patch.toml").write_text(text, encoding="utf-8")

    def request(
        self,
        *patches: str,
        effect: Effect = Effect.CLOSE,
        device: Device = Device.ANY,
        settings: tuple[str, ...] = (),
        target: Target | None = None,
        forced: tuple[str, ...] = (),
    ) -> PlanRequest:
        names = tuple(f"toy/{name}" for name in patches)
        choice = Selection(names, effect, DeviceClass(device), settings, forced=forced)
        return PlanRequest(target or Target(self.checkout), choice)

    def apply(self, *patches: str, settings: tuple[str, ...] = ()) -> Applied:
        return apply(self.request(*patches, settings=settings))

    def files(self) -> dict[str, str]:
        return {
            path.relative_to(self.checkout).as_posix(): path.read_bytes().decode()
            for path in sorted(self.checkout.rglob("*.py"))
        }

    @property
    def core(self) -> Path:
        return self.checkout / "toy" / "core.py"

    @property
    def state(self) -> Path:
        return self.checkout / ".ttsopt"


def put_toy(root: Path) -> Path:
    (root / "toy").mkdir(parents=True)
    (root / "toy" / "core.py").write_bytes(CORE.encode())
    (root / "toy" / "extra.py").write_bytes(EXTRA.encode())
    return root


@pytest.fixture
def new_toys(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Toys]:
    """Makes a toy checkout and its catalogue, the one that ttsopt then reads, in a folder.

    Three patches: `steps` and `calls` share a file and an import, `shown` has a file of its own.
    """

    def make(top: Path) -> Toys:
        toys = Toys(put_toy(top / "checkout"), top / "catalogue")
        (toys.catalogue / "toy").mkdir(parents=True)
        (toys.catalogue / "toy" / "system.toml").write_text(PACKAGE, encoding="utf-8")
        toys.patch("steps", STEPS)
        toys.patch("calls", CALLS)
        toys.patch("shown", SHOWN)
        monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: toys.catalogue)
        return toys

    return make


@pytest.fixture
def toys(tmp_path: Path, new_toys: Callable[[Path], Toys]) -> Toys:
    """A toy checkout and its three patches."""
    return new_toys(tmp_path)
