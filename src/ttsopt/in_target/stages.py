"""The stages of a task by name, and what is said where one of them fails. Loaded by worker.py."""

from __future__ import annotations

import contextlib
import sys
import traceback
from typing import Any, Dict, Iterator, Optional

LAST_LINES = 20


class StageError(Exception):
    """A stage failed; the cause says how."""

    def __init__(self, stage: str) -> None:
        super().__init__(stage)
        self.stage = stage


@contextlib.contextmanager
def at(stage: str) -> Iterator[None]:
    """Name the stage of whatever goes wrong inside."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise StageError(stage) from error


def describe_failure(failure: StageError) -> Dict[str, Any]:
    """The result of a stage that failed; also printed, for the log of standard error."""
    error = failure.__cause__ or failure
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    print(lines, file=sys.stderr)
    return {
        "ok": False,
        "stage": failure.stage,
        "error": type(error).__name__,
        "message": str(error),
        "missing_module": missing_module(error),
        "traceback": "\n".join(lines.splitlines()[-LAST_LINES:]),
    }


def missing_module(error: Optional[BaseException]) -> Optional[str]:
    """The module that an import did not find, along the causes; None where that is not it."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name
        error = error.__cause__
    return None
