"""Makes docs/images/demo.svg, a real run of `ttsopt demo` in a terminal of its own (`make recording`).

The run is that of this checkout on this machine, as it comes out; a line with "..." says how much was cut. Linux
and macOS.
"""

from __future__ import annotations

import os
import re
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

IMAGE = Path(__file__).parents[1] / "docs" / "images" / "demo.svg"
COLUMNS, LINES = 104, 60
# Lines of a step that are kept, by the first word of its command; of any other all.
KEPT = {"plan": 9, "bench": 14}
FONT = re.compile(r"@font-face \{.*?\}\n*", re.DOTALL)  # nothing is fetched from elsewhere
STEP = re.compile(r"(?m)^(?=(?:\x1b\[[0-9;]*m)*\$ ttsopt )")


def main() -> int:
    """Write the image; the exit code is that of the demo."""
    output, code = run_in_terminal([sys.executable, "-m", "ttsopt", "demo"])
    if code == 0:
        IMAGE.parent.mkdir(exist_ok=True)
        IMAGE.write_text(image(cut(output)), encoding="utf-8")
    return code


def run_in_terminal(command: list[str]) -> tuple[str, int]:
    """Run a command with a terminal as its standard output; return what it printed there, and its exit code."""
    import pty
    import subprocess
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (LINES, COLUMNS))
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "TTSOPT_LANG": "en"}
    environ.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environ) as child:
        os.close(theirs)
        output = _read(ours)
    os.close(ours)
    return output.decode("utf-8").replace("\r\n", "\n"), child.returncode


def _read(terminal: int) -> bytes:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so of a terminal that nobody writes to any more
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def cut(output: str) -> str:
    """Return the output of all steps, each as long as it may be, without the paths of this machine at the end."""
    steps = STEP.split(output)[1:]
    return "\n".join(_shortened(step.rstrip("\n").split("\n")) for step in steps)


def _shortened(lines: list[str]) -> str:
    kept = [line for line in lines if not re.search(r"/\S*\.wav|listen to what", line)]
    kept = [line for at, line in enumerate(kept) if line.strip() or (at and kept[at - 1].strip())]
    word = re.sub(r"\x1b\[[0-9;]*m", "", lines[0]).split()[2]
    most = KEPT.get(word, len(kept))
    left = len(kept) - 1 - most
    more = [f"\x1b[2m... {left} more lines\x1b[0m"] if left > 0 else []
    return "\n".join([*kept[: most + 1], *more])


def image(text: str) -> str:
    """Return text with a terminal's colours as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text), soft_wrap=False)
    return FONT.sub("", console.export_svg(title="ttsopt demo", unique_id="demo"))


if __name__ == "__main__":
    raise SystemExit(main())
