"""Call chains in the checkout's files, each known by a number. Loaded by worker.py."""

from __future__ import annotations

import os
import sys
from types import CodeType, FrameType
from typing import Any, Dict, List, Optional, Tuple

LONGEST = 24  # frames of a chain, innermost first
Place = Tuple[str, int, str, int]  # path from the view, line, function, first line of the function


class Chains:
    """Numbers chains of frames; frames of other files than the view's are passed over."""

    def __init__(self, view: str) -> None:
        self._top = os.path.join(os.path.realpath(view), "")
        self._paths: Dict[str, Optional[str]] = {}
        self._numbers: Dict[Tuple[Tuple[CodeType, int], ...], int] = {}
        self.rows: List[List[Place]] = []

    def here(self) -> int:
        """The number of the chain that the caller is called by."""
        return self.number(sys._getframe(1))  # noqa: SLF001

    def number(self, frame: Optional[FrameType]) -> int:
        """The number of the chain that ends in `frame`; the same lines have the same number."""
        places: List[Tuple[CodeType, int]] = []
        while frame is not None and len(places) < LONGEST:
            if self._path(frame.f_code.co_filename) is not None:
                places.append((frame.f_code, frame.f_lineno or 0))  # None between two lines
            frame = frame.f_back
        key = tuple(places)
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append([self._place(code, line) for code, line in key])
        return self._numbers[key]

    def _place(self, code: CodeType, line: int) -> Place:
        name: Any = getattr(code, "co_qualname", code.co_name)
        return self._path(code.co_filename) or "", line, name, code.co_firstlineno

    def from_view(self, file: str) -> str:
        """A path as the checkout has it where it is one of its own, else in full."""
        real = os.path.realpath(file)
        return real[len(self._top) :] if real.startswith(self._top) else real

    def _path(self, file: str) -> Optional[str]:
        """The path of a file from the view; None outside of it, and for what is no file (`<string>`)."""
        if file not in self._paths:
            real = "" if file.startswith("<") else os.path.realpath(file)
            inside = real.startswith(self._top)
            self._paths[file] = real[len(self._top) :].replace(os.sep, "/") if inside else None
        return self._paths[file]
