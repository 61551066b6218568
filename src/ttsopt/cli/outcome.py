"""The outcome that a command hands to the error boundary, and the boundary itself."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Annotated, Any

import typer

from ttsopt.boundary.escape import json_text
from ttsopt.cli.language import told
from ttsopt.cli.streams import OutputLostError
from ttsopt.cli.text import fitted, put
from ttsopt.errors import CannotRunError, TtsoptError

DEFECT = 70
INTERRUPTED = 130
BROKEN_PIPE = 141  # what a shell reports of a program that SIGPIPE ended
STATUS = {0: "ok", 1: "failed", 3: "refused"}
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Data for `--json`, how to show it otherwise, and why the exit code is not 0, if so."""

    data: Mapping[str, Any] = field(default_factory=dict)
    show: Callable[[], None] = lambda: None
    error: TtsoptError | None = None
    exit_code: int = 0


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., Outcome]], None]:
    """Make a function a command: `--json` is added, and every failure gets its message and exit code."""

    def register(body: Callable[..., Outcome]) -> None:
        @wraps(body)
        def run(as_json: bool = False, **options: Any) -> None:
            wants_json = as_json or json_asked(sys.argv)
            raise typer.Exit(finish(name, partial(body, **options), as_json=wants_json))

        signature = inspect.signature(body, eval_str=True)
        json = inspect.Parameter(
            "as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Json
        )
        run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), json])  # type: ignore[attr-defined]
        run.__annotations__ = {**body.__annotations__, "as_json": Json}
        # Given as it is, the first line stands whole in `ttsopt --help`; else typer cuts it at 45 letters.
        app.command(name, short_help=inspect.getdoc(body))(run)

    return register


def json_asked(argv: list[str]) -> bool:
    """Return True if `--json` stands anywhere on the command line: also before the command's name."""
    return "--json" in argv[1:]


def finish(name: str, body: Callable[[], Outcome], *, as_json: bool) -> int:
    """Run a command's body; print what came of it; give the exit code."""
    try:
        outcome = body()
    except OutputLostError as lost:
        return lost_output(lost.error)
    except TtsoptError as error:
        outcome = Outcome(error=error, exit_code=error.exit_code)
    except KeyboardInterrupt:
        outcome = Outcome(error=interruption(), exit_code=INTERRUPTED)
    except Exception as error:  # noqa: BLE001
        from ttsopt.cli.defect import defect

        outcome = Outcome(error=defect(error), exit_code=DEFECT)
    try:
        _print(name, outcome, as_json=as_json)
    except OutputLostError as lost:
        return lost_output(lost.error)
    except OSError as error:
        return lost_output(error)
    return outcome.exit_code


def lost_output(error: OSError) -> int:
    """Give the exit code of output that could not be printed, and say why; the stream itself is silent by now."""
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE  # whoever read the output has seen enough (`ttsopt plan | head`)
    print_error(
        CannotRunError("unwritable", f"cannot print: {error.strerror}", "Is the disk full?")
    )
    return CannotRunError.exit_code


def _print(name: str, outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        print_json(name, outcome)
    else:
        outcome.show()
        if outcome.error:
            print_error(outcome.error)
    sys.stdout.flush()


def print_json(name: str, outcome: Outcome) -> None:
    """The envelope of the contract, as one line on standard output."""
    import json

    errors = [outcome.error] if outcome.error else []
    table = {
        "schema": 1,
        "command": name,
        "status": STATUS.get(outcome.exit_code, "error"),
        "exit_code": outcome.exit_code,
        "data": dict(outcome.data),
        "errors": [{"code": one.code, "message": one.message, "hint": one.hint} for one in errors],
    }
    # ASCII: a checkout may hold file names that are no UTF-8, and any terminal takes the answer.
    typer.echo(json_text(json.dumps(table)))


def print_error(error: TtsoptError) -> None:
    """Message and next step, on standard error."""
    first, *rest = error.lines
    for line in (f"ttsopt: {told(first)}", *rest, *[f"  {error.hint}"] * bool(error.hint)):
        # A command, in its marks, is copied from there: a terminal's own line break is none.
        for part in [told(line)] if "`" in line else fitted(line, stderr=True):
            put(part, err=True)


def interruption() -> TtsoptError:
    """Return the exit code of Ctrl-C and of a supervisor's signal."""
    return TtsoptError(
        "interrupted", "interrupted; the checkout is whole", "Run the command again."
    )
