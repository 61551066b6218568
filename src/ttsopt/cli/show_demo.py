"""The demo as it happens, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.cli.progress import bench_progress
from ttsopt.cli.rows import applied_rows, plan_rows, system_row
from ttsopt.cli.show_bench import show_bench
from ttsopt.cli.show_read import show_systems
from ttsopt.cli.show_write import show_applied, show_rolled_back
from ttsopt.cli.text import console, diff_colour, print_lines, say
from ttsopt.operations.bench.report import report_of

if TYPE_CHECKING:
    from ttsopt.operations.demo import Demo, DemoSteps


@contextmanager
def steps(*, quiet: bool) -> Iterator[DemoSteps]:
    """Yield what to show after each step; with `quiet` (for `--json`) progress alone."""
    from ttsopt.operations.demo import DemoSteps

    with bench_progress() as progress:
        if quiet:
            yield DemoSteps(_nothing, _nothing, _nothing, progress, _nothing, _nothing)
        else:
            yield DemoSteps(
                discovered=lambda found: _titled("discover", partial(show_systems, found, Path())),
                planned=lambda diff: _titled("plan --effect lossy", partial(_show_diff, diff)),
                applied=lambda done: _titled(
                    "apply --effect lossy", partial(show_applied, done, dry_run=False)
                ),
                measuring=progress,
                measured=lambda done: _titled(
                    "bench --rtf", partial(show_bench, report_of(done), rtf=True)
                ),
                rolled_back=lambda done: _titled(
                    "rollback", partial(show_rolled_back, done, dry_run=False)
                ),
            )


def demo_data(done: Demo, audio: Path, keep: Path | None) -> dict[str, Any]:
    """All that the demo found, for scripts."""
    return {
        "systems": [system_row(found) for found in done.systems],
        "diff": done.diff.decode("utf-8", "surrogateescape"),
        "apply": plan_rows(done.applied.planned.plan),
        "bench": dict(report_of(done.benchmark).data),
        "rolled_back": applied_rows(done.rolled_back.patches, done.rolled_back.checkout),
        "tree_sha256_before": done.tree_before,
        "tree_sha256_after": done.tree_after,
        "restored": done.tree_before == done.tree_after,
        "audio": sorted(str(path) for path in audio.glob("*.wav")),
        "checkout": str(keep) if keep else None,
    }


def show_demo(done: Demo, audio: Path, keep: Path | None) -> None:
    """Print what to look at, and to listen to."""
    same = f"SHA-256 {done.tree_after[:16]} before and after"
    print_lines([f"the tree is byte for byte what it was: {same}"])
    print_lines(["listen to what came out of both sides:"])
    print_lines(f"  {path}" for path in sorted(audio.glob("*.wav")))
    if keep:
        print_lines([f"the checkout is in {keep}: try `ttsopt apply {keep}`"])


def _titled(command: str, show: Any) -> None:
    console().print(f"\n$ ttsopt {command}", style="bold")
    show()


def _show_diff(diff: bytes) -> None:
    for line in diff.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n"):
        say(line, fg=diff_colour(line), code=True)


def _nothing(_: object) -> None:
    """For scripts there is nothing to show on the way."""
