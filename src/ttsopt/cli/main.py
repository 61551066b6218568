"""The command line: registers the commands and turns wrong use into the contract's answer."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Annotated, Any

import typer

from ttsopt.cli.language import is_chinese
from ttsopt.cli.outcome import (
    INTERRUPTED,
    Json,
    Outcome,
    command,
    finish,
    json_asked,
    lost_output,
)
from ttsopt.cli.streams import OutputLostError
from ttsopt.cli.text import say
from ttsopt.errors import UsageError

COMPLETING = "_TTSOPT_COMPLETE"  # set by a shell that asks for completion
# The module of each command, and its function there.
COMMANDS = {
    "discover": ("commands_read", "discover"),
    "list": ("commands_read", "list_"),
    "show": ("commands_read", "show"),
    "plan": ("commands_read", "plan"),
    "apply": ("commands_write", "apply"),
    "status": ("commands_read", "status"),
    "rollback": ("commands_write", "rollback"),
    "reapply": ("commands_reapply", "reapply"),
    "update": ("commands_update", "update"),
    "restore": ("commands_restore", "restore"),
    "bench": ("commands_run", "bench"),
    "tune": ("commands_tune", "tune"),
    "waste": ("commands_waste", "waste"),
    "compare": ("commands_compare", "compare"),
    "models": ("commands_models", "models"),
    "doctor": ("commands_models", "doctor"),
    "demo": ("commands_run", "demo"),
    "new-patch": ("commands_author", "new_patch"),
}

# What people type, and the command that does it.
MEANT = {
    **dict.fromkeys(("undo", "uninstall", "remove", "revert"), "ttsopt rollback"),
    **dict.fromkeys(("install", "patch", "optimize", "optimise"), "ttsopt apply"),
    **dict.fromkeys(("benchmark", "measure", "rtf"), "ttsopt bench"),
    **dict.fromkeys(("diff", "preview"), "ttsopt plan"),
    "help": "ttsopt --help",
    "version": "ttsopt --version",
    "info": "ttsopt show PATCH",
    "upgrade": "ttsopt update",
}


def make_app(asked: str) -> typer.Typer:
    """The command line; with a command's name, that one alone: to make all of them takes as long as to apply."""
    # Plain help: rich's costs as much again as all of start-up (docs/decisions/0003-start-up-time.md).
    app = typer.Typer(
        name="ttsopt",
        no_args_is_help=True,
        # Of the whole command line alone: a command starts without.
        add_completion=asked not in COMMANDS,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in (asked,) if asked in COMMANDS else COMMANDS:
        module, function = COMMANDS[name]
        body: Callable[..., Outcome] = getattr(import_module(f"ttsopt.cli.{module}"), function)
        command(app, name)(body)
    app.callback(
        help="Performance patches for text-to-speech checkouts: applied right or not at all, rolled back "
        "without a trace, and measured."
    )(main)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"ttsopt {version('ttsopt')}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
]


def main(version: Version = False, as_json: Json = False) -> None:
    """Take the options that stand before a command's name; both have done their work by then."""


def run() -> None:
    """Run the command line in a process that `ttsopt.__main__` has prepared; exits with the contract's code."""
    collect_garbage_seldom()
    # Being stopped by a supervisor is an interruption like Ctrl-C: put back, end workers, say so.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, signal.default_int_handler)  # not under nohup
    for stream in (sys.stdout, sys.stderr):
        # A checkout may hold file names that no encoding has; they are printed escaped.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_printed(_call_app()))


def _printed(code: int) -> int:
    """The exit code, once all is printed: at exit Python would make 120 of what it cannot print."""
    try:
        sys.stdout.flush()
    except OutputLostError as lost:
        return lost_output(lost.error)
    return code


def collect_garbage_seldom() -> None:
    """Syntax trees are many objects and no garbage: at Python's own pace a sixth of a plan goes into looking.

    Another tenth would go into a last look before the interpreter ends.
    """
    gc.set_threshold(200_000, 20, 20)
    atexit.register(gc.freeze)


def _call_app() -> int:
    if set(sys.argv[1:]) <= {"--json"} and COMPLETING not in os.environ:
        code = _overview()
        if code is not None:
            return code
    try:
        code = _run_app(make_app(_first_word() or ""))
    except typer.Abort:
        return INTERRUPTED
    except OutputLostError as lost:  # help, which is printed before there is a command
        return lost_output(lost.error)
    except SystemExit as ended:  # of typer, which has answered a shell's completion
        return ended.code if isinstance(ended.code, int) else UsageError.exit_code
    except Exception as error:  # noqa: BLE001
        return _wrong_use(error)
    return code if isinstance(code, int) else 0


def _run_app(app: typer.Typer) -> Any:
    if not is_chinese():
        return app(standalone_mode=False)
    from ttsopt.cli.chinese_help import speak_chinese

    made = typer.main.get_command(app)
    speak_chinese(made)
    return made(standalone_mode=False)


def _hint(word: str | None) -> str:
    """Return what to type in the place of what was wrong."""
    if word in COMMANDS:
        return f"See `ttsopt {word} --help`."
    meant = MEANT.get(word or "")
    return f"`{meant}` does that." if meant else "See `ttsopt --help`."


def _overview() -> int | None:
    """The exit code of `ttsopt` alone, after what it says of the checkout here; None where there is none."""
    from ttsopt.cli.commands_overview import overview

    as_json = json_asked(sys.argv)
    try:
        outcome = overview()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
        return finish("", partial(_fail, error), as_json=as_json)
    return finish("", lambda: outcome, as_json=as_json) if outcome else None


def _fail(error: BaseException) -> Outcome:
    raise error


def _first_word() -> str | None:
    """Where a command's name stands, for no option in front of it takes a value; None without one."""
    return next((word for word in sys.argv[1:] if not word.startswith("-")), None)


def _wrong_use(error: Exception) -> int:
    """Typer's own complaints; it keeps its copy of click's classes, so they are told by what they can do."""
    if not hasattr(error, "format_message"):
        raise error
    word = _first_word()
    hint = _hint(word)
    if word is None and not json_asked(sys.argv):
        for line in error.format_message().split("\n"):  # of `ttsopt` alone: the help
            say(line, err=True, code=True)
        return UsageError.exit_code
    wrong = UsageError("usage", error.format_message(), hint)
    return finish(word or "", partial(_fail, wrong), as_json=json_asked(sys.argv))
