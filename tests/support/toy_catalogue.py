"""A system of a file or a few, as a catalogue of a test's own tells it, and what its patches are made of."""

from __future__ import annotations

SYSTEM = """
id = "toy"
name = "Toy"
homepage = ""
[[layouts]]
name = "toy"
files = [{ path = "toy.py", defines = ["class Toy"] }]
"""
PACKAGE = SYSTEM.replace("toy.py", "toy/core.py")
HEAD = """
id = "toy/{name}"
version = {version}
summary = "s"
why = "w"
effect = "{effect}"
device = "{device}"
"""
STEPS_PARAMETER = """
[params.steps]
type = "int"
default = 7
min = 1
max = 64
help = "h"
"""
FILE = """
[[files]]
paths = ["{path}"]
"""
CONSTANT = """\
[[files.edits]]
set_const = "{name}"
old = ["{old}"]
new = "{new}"
"""


def head(name: str, version: int = 1, effect: str = "exact", device: str = "any") -> str:
    """What every patch begins with."""
    return HEAD.format(name=name, version=version, effect=effect, device=device)


def constant(path: str, new: str, name: str = "STEPS", old: str = "32", anchor: str = "") -> str:
    """The edit of one constant in a file."""
    told = FILE.format(path=path) + (f'anchor = "{anchor}"\n' if anchor else "")
    return told + CONSTANT.format(name=name, old=old, new=new)
