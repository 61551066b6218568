"""What a script sees of a command, and the types of the fixtures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        return dict(json.loads(self.out))

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.envelope["data"])

    @property
    def error(self) -> dict[str, str]:
        (error,) = self.envelope["errors"]
        return dict(error)


Cli = Callable[..., Answer]
Tree = Callable[[Path], dict[str, bytes]]
