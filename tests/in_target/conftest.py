"""A small tree with a workload, and the worker run on it by path, as the controller runs it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

IN_TARGET = Path(__file__).parents[2] / "src" / "ttsopt" / "in_target"


@dataclass
class Ran:
    """What is left of a worker process."""

    returncode: int
    stdout: str
    stderr: str
    control: Path
    answer: dict[str, Any] | None

    @property
    def result(self) -> dict[str, Any]:
        assert self.answer is not None, f"no result.json; standard error:\n{self.stderr}"
        return self.answer

    def output(self, utterance: str = "short") -> bytes:
        return (self.control / "output" / f"{utterance}.npy").read_bytes()


@dataclass
class Tree:
    """A view of a made-up TTS library `voice`, and a workload for it."""

    folder: Path
    python: str = sys.executable
    environment: dict[str, str] = field(default_factory=dict)
    limit: float = 60
    runs: int = 0

    @property
    def view(self) -> Path:
        return self.folder / "view"

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def planned(self, path: str, module: str, *ranges: tuple[int, int]) -> dict[str, Any]:
        sha = hashlib.sha256((self.view / path).read_bytes()).hexdigest()
        edits = [{"id": str(i), "first": a, "last": b} for i, (a, b) in enumerate(ranges)]
        return {"path": path, "module": module, "sha256": sha, "edits": edits}

    def variables(self) -> dict[str, str]:
        """The environment that the controller gives a worker, as far as it matters here."""
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return inherited | {"PYTHONPYCACHEPREFIX": str(self.folder / "pyc")} | self.environment

    def run(
        self,
        task: str = "measure",
        *,
        workload: str | Path = "workload.py",
        texts: Sequence[str] = ("short",),
        script: str = "worker.py",
        **changes: Any,
    ) -> Ran:
        request = {
            "protocol": 2,
            "task": task,
            "workload": str(self.folder / workload),
            "view": str(self.view),
            "import_paths": ["src"],
            "size": "tiny",
            "weights": "random",
            "scratch": str(self.folder / "scratch"),
            "utterances": [{"id": name, "text": f"text of {name}"} for name in texts],
            "warmup": 1,
            "warmup_utterances": [{"id": "warmup", "text": "text to warm up"}],
            "seed": 7,
            "threads": 1,
            "files": [],
        } | changes
        return self.ask(request, script=script)

    def ask(self, request: dict[str, Any], *, script: str = "worker.py") -> Ran:
        """Run a script of in_target with `request` in a new control folder; its texts come on the pipe."""
        self.runs += 1
        control = self.folder / f"control{self.runs}"
        (control / "own").mkdir(parents=True)
        said = conversation(request) if script == "worker.py" else ""
        if script == "worker.py":
            request = {"own": str(control / "own"), **request}
            request["utterances"] = [without_text(row) for row in request.get("utterances", ())]
        (control / "request.json").write_text(json.dumps(request), encoding="utf-8")
        self.view.mkdir(exist_ok=True)
        (self.folder / "scratch").mkdir(exist_ok=True)
        process = subprocess.run(
            [self.python, str(IN_TARGET / script), str(control)],
            cwd=self.view,
            env=self.variables(),
            input=said,
            capture_output=True,
            text=True,
            timeout=self.limit,
            check=False,
        )
        file = control / "result.json"
        answer = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        return Ran(process.returncode, process.stdout, process.stderr, control, answer)


def without_text(row: dict[str, Any]) -> dict[str, Any]:
    """An utterance as the request has it."""
    rest = {name: value for name, value in row.items() if name != "text"}
    return rest | {"characters": len(row.get("text", ""))}


def conversation(request: dict[str, Any]) -> str:
    """All that a controller would answer, in the order in which it is asked."""
    by_id = {row["id"]: row for row in request.get("utterances", ())}
    every: list[dict[str, Any]] = [{"name": "fresh", "concurrency": 1, "speak": list(by_id)}]
    parts: list[list[str]] = []
    for scenario in request.get("scenarios") or every:
        ids = scenario["speak"]
        parts += [ids] if scenario["concurrency"] > 1 else [[id_] for id_ in ids]
    rows = ([by_id[id_] for id_ in part if id_ in by_id] for part in parts)
    return "".join(json.dumps({"utterances": row}) + "\n" for row in rows)


LIBRARY = '''\
"""A library that hums."""
STEPS = 3


def speak(text, seed):
    import math
    return [math.sin(0.1 * i + seed) * 0.5 for i in range(100 * STEPS)]
'''

WORKLOAD = """\
STUBS = ("a library of the tests",)


def load(job):
    import voice

    def speak(utterance, seed):
        samples = voice.speak(utterance["text"], seed)
        return {"samples": samples, "sample_rate": 1000, "counters": {"steps": voice.STEPS}}

    return speak
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """The library as `view/src/voice.py` and a workload that speaks with it."""
    made = Tree(tmp_path)
    made.write("view/src/voice.py", LIBRARY)
    made.write("workload.py", WORKLOAD)
    return made


@pytest.fixture(scope="session")
def make_tree() -> type[Tree]:
    """The class itself: a test that runs one process for many tests makes its own."""
    return Tree
