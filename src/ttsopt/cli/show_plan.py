"""The answer of `ttsopt plan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttsopt.cli.rows import plan_rows
from ttsopt.cli.text import print_diff, print_plan
from ttsopt.domain.plan import Plan
from ttsopt.errors import GateFailedError
from ttsopt.operations.diff import PlanDiff


def plan_data(plan: Plan, diff: PlanDiff) -> dict[str, Any]:
    """The plan's rows, the diff as text (other bytes as lone surrogates), and its lines counted."""
    return plan_rows(plan) | {
        "diff": diff.data.decode("utf-8", "surrogateescape"),
        "lines_added": diff.added,
        "lines_removed": diff.removed,
    }


def plan_error(data: Mapping[str, Any], *, check: bool) -> GateFailedError | None:
    """With `--check`, changes are a failure."""
    if not (check and data["diff"]):
        return None
    lines = f"+{data['lines_added']} -{data['lines_removed']} lines"
    return GateFailedError("would-change", lines, "`ttsopt apply` makes these changes.")


def show_plan(plan: Plan, diff: PlanDiff) -> None:
    """Print the status of every patch on standard error; the diff on standard output."""
    print_plan(plan, "would apply", stderr=True)
    print_diff(diff.data)
