"""Proof that the planned code is the code that ran. Loaded by worker.py."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from types import FrameType, ModuleType
from typing import Any, Callable, Dict, List, Optional, Set

Planned = Dict[str, Any]  # {"path", "module", "sha256", "edits": [{"id", "first", "last"}]}


def prove_modules(files: List[Planned], view: str) -> List[Dict[str, Any]]:
    """One row per planned file: the file its module was loaded from, whether by stale bytecode.

    `file` and `sha256` are None where the module is not loaded or has no file (a stub, a
    namespace package).
    """
    return [_prove(planned, os.path.join(view, planned["path"])) for planned in files]


def _prove(planned: Planned, path: str) -> Dict[str, Any]:
    module = sys.modules.get(planned["module"]) or _loaded_from(path)
    file = getattr(module, "__file__", None)
    return {
        "path": planned["path"],
        "module": planned["module"],
        "loaded": module is not None,
        "file": os.path.realpath(file) if file else None,
        "sha256": _sha256(file) if file else None,
        "stale_bytecode": _is_stale(module, file) if file else False,
    }


def _loaded_from(path: str) -> Optional[ModuleType]:
    """The module, under whatever name, whose file is that very file."""
    wanted = os.path.realpath(path)
    for module in list(sys.modules.values()):
        # Not getattr: lazy modules (transformers) import when they are asked.
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str) and os.path.realpath(file) == wanted:
            return module
    return None


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _is_stale(module: Any, file: str) -> bool:
    """Return True if the import system's code for a module is not its source.

    A .pyc is believed where size and mtime (whole seconds) of its source fit (PEP 552), so that an
    edit of the same length within a second goes unseen.
    """
    spec = getattr(module, "__spec__", None)
    get_code = getattr(getattr(spec, "loader", None), "get_code", None)
    if spec is None or get_code is None or not file.endswith(".py"):
        return False
    with open(file, "rb") as source:
        compiled = compile(source.read(), file, "exec", dont_inherit=True)
    return bool(get_code(spec.name) != compiled)


class EditTrace:
    """Records which planned edits run: an edit ran when a line event fell into its lines.

    Only frames of planned files are traced line by line, and no more once all edits of the file
    were seen. Threads count where Python starts them (threading.Thread, so also thread pools).
    """

    def __init__(self, files: List[Planned], view: str) -> None:
        """`files` are the rows of the request; `view` is the folder that their paths start at."""
        real = {row["path"]: os.path.realpath(os.path.join(view, row["path"])) for row in files}
        self._executed: Dict[str, Set[str]] = {row["path"]: set() for row in files}
        self._planned = {row["path"]: len(row["edits"]) for row in files}
        self._tracer_of_file = {
            real[row["path"]]: _line_tracer(list(row["edits"]), self._executed[row["path"]])
            for row in files
        }
        self._tracer_of_name: Dict[str, Optional[Callable[..., Any]]] = {}

    def __enter__(self) -> EditTrace:
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    @property
    def is_complete(self) -> bool:
        """True if there is no edit left to be seen."""
        return all(len(self._executed[path]) == count for path, count in self._planned.items())

    def executed(self) -> Dict[str, List[str]]:
        """Path of each planned file -> sorted ids of its edits that ran."""
        return {path: sorted(ids) for path, ids in self._executed.items()}

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if name not in self._tracer_of_name:
            self._tracer_of_name[name] = self._tracer_of_file.get(os.path.realpath(name))
        tracer = self._tracer_of_name[name]
        return tracer(frame, event, argument) if tracer else None


def _line_tracer(edits: List[Dict[str, Any]], executed: Set[str]) -> Callable[..., Any]:
    """A local trace function that puts the ids of edits whose lines run into `executed`."""

    def on_line(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            line = frame.f_lineno
            executed.update(row["id"] for row in edits if row["first"] <= line <= row["last"])
        return on_line if len(executed) < len(edits) else None

    return on_line
