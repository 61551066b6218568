"""The process of `ttsopt` and `python -m ttsopt`: nothing of the current folder is imported, no way out ends in 1.

Python ends with 1 where something is not caught, which to a script is a failed gate; so everything is caught here.
"""

import os
import sys

_DEFECT = 70
_INTERRUPTED = 130


def run() -> None:
    """Entry point; exits with the code of the contract (docs/cli.md)."""
    try:
        _forget_current_folder()
        from ttsopt.cli.streams import guard_streams

        guard_streams()
        from ttsopt.cli.main import run as run_command_line

        run_command_line()
    except KeyboardInterrupt:
        _say_interrupted()
        sys.exit(_INTERRUPTED)
    except Exception:  # noqa: BLE001
        import traceback

        traceback.print_exc()
        sys.exit(_DEFECT)


def _forget_current_folder() -> None:
    """Import nothing from where the user stands: `-m` and an empty entry of PYTHONPATH put it before all else.

    What stands behind the standard library stays: somebody may work in site-packages.
    """
    library = os.path.dirname(getattr(os, "__file__", ""))  # noqa: PTH120 - pathlib may be somebody's yet
    end = sys.path.index(library) if library in sys.path else 1
    try:
        here = os.path.realpath(os.getcwd())  # noqa: PTH109
    except OSError:  # it was deleted
        here = ""
    sys.path[:end] = [
        row
        for row in sys.path[:end]
        if os.path.isabs(row) and os.path.realpath(row) != here  # noqa: PTH117
    ]


def _say_interrupted() -> None:
    """Ctrl-C before there was a command to be interrupted; the modules that would say so may be half there."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    message = "interrupted; the checkout is whole"
    hint = "Run the command again."
    if "--json" in sys.argv[1:]:
        import json

        name = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
        error = {"code": "interrupted", "message": message, "hint": hint}
        table = {"schema": 1, "command": name, "status": "error", "exit_code": _INTERRUPTED}
        print(json.dumps({**table, "data": {}, "errors": [error]}))  # noqa: T201
    else:
        print(f"ttsopt: {message}\n  {hint}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    run()
