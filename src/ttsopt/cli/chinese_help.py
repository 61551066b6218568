"""Help in Chinese: the formatter is the one door that all of its texts go through, typer's own among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ttsopt.cli.cells import cells, wrapped
from ttsopt.cli.language import told


class ChineseHelp:
    """Stands before a formatter of typer's: what that one writes is translated, and wrapped by columns."""

    width: int
    current_indent: int

    def write(self, string: str) -> None:
        """Write a text as it is."""
        super().write(string)  # type: ignore[misc]

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is typed."""
        super().write_usage(prog, args, told(prefix or "Usage: "))  # type: ignore[misc]

    def write_heading(self, heading: str) -> None:
        """Write the title of a list."""
        self.write(f"{'':>{self.current_indent}}{told(f'{heading}:')}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        indent = " " * self.current_indent
        paragraphs = (told(" ".join(part.split())) for part in text.split("\n\n"))
        filled = ("\n".join(wrapped(part, self.width, indent, indent)) for part in paragraphs)
        self.write("\n\n".join(filled) + "\n")

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options or commands with their help beside them, or below where they are long."""
        first_column = min(max((cells(name) for name, _ in rows), default=0), col_max) + col_spacing
        margin = " " * (self.current_indent + first_column)
        for name, text in rows:
            start = f"{'':>{self.current_indent}}{name}"
            beside = cells(name) <= first_column - col_spacing
            first = f"{start:<{len(margin)}}" if beside else margin
            lines = wrapped(_entry(text), max(self.width, len(margin) + 10), first, margin)
            self.write("\n".join(([] if beside else [start]) + (lines or [start])) + "\n")


def speak_chinese(command: Any) -> None:
    """Have a command of typer's, and those within it, print their help in Chinese."""
    context = command.context_class
    formatter = type("Formatter", (ChineseHelp, context.formatter_class), {})
    command.context_class = type("Context", (context,), {"formatter_class": formatter})
    for inner in getattr(command, "commands", {}).values():
        speak_chinese(inner)


def _entry(text: str) -> str:
    """Return the help of an option, with its default, which typer puts behind it in brackets."""
    said, bracket, more = " ".join(text.split()).rpartition(" [")
    if not bracket or not more.endswith("]"):
        return told(" ".join(text.split()))
    return f"{told(said)} [{told(more[:-1])}]".strip()
