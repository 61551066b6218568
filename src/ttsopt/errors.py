"""One family of errors: what happened, what to do next, and the exit code that says it to a script."""

from __future__ import annotations

from collections.abc import Iterable


class TtsoptError(Exception):
    """A failure that the user can act on.

    `code` is a stable word for scripts, `message` says what, where and why, `hint` names the next step.
    `details` are further lines of the message: a line end within one, as in a file's name, is no new line.
    Exit codes are those of the command-line contract (docs/cli.md).
    """

    exit_code = 70

    def __init__(
        self, code: str, message: str, hint: str = "", details: Iterable[str] = ()
    ) -> None:
        self.code = code
        self.lines = (message, *details)
        self.hint = hint
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """All lines of it."""
        return "\n".join(self.lines)

    def add(self, details: Iterable[str]) -> None:
        """Say more, a line each."""
        self.lines += tuple(details)
        self.args = (self.message,)


class GateFailedError(TtsoptError):
    """Something was measured or checked, and it is not good enough."""

    exit_code = 1


class UsageError(TtsoptError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class RefusedError(TtsoptError):
    """The state of the checkout forbids it; nothing was changed."""

    exit_code = 3


class UndecidedError(TtsoptError):
    """It was measured, and the noise is larger than the question."""

    exit_code = 4


class CannotRunError(TtsoptError):
    """It could not be done here: no torch, a dead worker, a full disk, a file that cannot be read."""

    exit_code = 5
