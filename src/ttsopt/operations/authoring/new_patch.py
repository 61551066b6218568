"""New-patch: lays out the folder of a patch with an example edit, its cases, and the questions to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.parsing import load_toml
from ttsopt.boundary.reading import TABLE, read_text
from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.schema import system_from_table
from ttsopt.domain.system import FileSignature, System
from ttsopt.errors import CannotRunError, RefusedError, UsageError

PATCH_TOML = '''\
# What every key means: docs/writing-a-patch.md. `ttsopt list --check{catalog}` says what is missing here.
id = "{id}"
version = 1
summary = "TODO: what it does, in one line"
why = """
TODO: What does it cost today, measured how, on which machine?
TODO: When does it help, and when does it not?
TODO: Is the result the same to the bit (exact), close, or another one (lossy), and why?
"""
effect = "exact"  # exact, close or lossy
device = "any"    # any, cpu or cuda: where it is of use; it must be harmless elsewhere

# What somebody says it gains; ttsopt prints it beside what it measures.
# [[claims]]
# figure = "1.2x"
# source = "who said so, and where"

# A made-up edit, for which the two cases are right: put yours in its place, and change the cases with it.
[[files]]
paths = [{paths}]  # from the system's root; the first that is there
anchor = "{anchor}"  # a definition that the right file holds

[[files.edits]]
in = "{scope}"
replace = "slow($X)"  # $X is any expression, $$$ARGS any arguments
with = "quick($X)"
expect = "1"  # how many places must match
'''


@dataclass(frozen=True, slots=True)
class NewPatch:
    """Outcome of laying out: the patch's folder, its files there, and the commands that come next."""

    patch_id: str
    folder: Path
    files: tuple[str, ...]
    commands: tuple[str, ...]


def new_patch(patch_id: str, directory: Path) -> NewPatch:
    """Lay out `directory/SYSTEM/NAME`, for a system that ttsopt knows or that has a `system.toml` there.

    Raises:
        UsageError: No id of a patch, an unknown system, or an id that ttsopt's own catalogue has.
        RefusedError: The folder is there already.
        CannotRunError: It cannot be written, or the `system.toml` has errors.
    """
    system = _system(patch_id, directory)
    folder = directory / patch_id
    if folder.exists():
        message = f"{folder} is there already; nothing was written"
        raise RefusedError("exists", message, "Take another name, or edit what is there.")
    option = _option(directory)
    files = _files(patch_id, system, option)
    try:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"cannot write {error.filename}: {error.strerror}"
        raise CannotRunError("unwritable", message, "Name another folder.") from error
    commands = (
        f"ttsopt list --check{option}",
        f"ttsopt plan CHECKOUT{option} -p {patch_id}",
        f"ttsopt bench CHECKOUT{option} -p {patch_id} --rtf",
    )
    return NewPatch(patch_id, folder, tuple(files), commands)


def _option(directory: Path) -> str:
    """How the commands that come next name the folder; ttsopt's own needs no naming."""
    own = {folder.resolve() for folder in load_catalogue().folders}
    return "" if directory.resolve() in own else f" --catalog {directory}"


def _system(patch_id: str, directory: Path) -> System:
    word = r"[a-z0-9]+(-[a-z0-9]+)*"
    if not re.fullmatch(f"{word}/{word}", patch_id):
        message = f"{patch_id!r} is no id of a patch: SYSTEM/NAME in small letters, digits, hyphens"
        raise UsageError("bad-id", message, "Such as f5-tts/cached-mask.")
    catalogue = load_catalogue()
    if any(patch.id == patch_id for patch in catalogue.patches):
        message = f"ttsopt has a patch {patch_id} already"
        raise UsageError("known-patch", message, f"`ttsopt show {patch_id}` explains it.")
    name = patch_id.partition("/")[0]
    own = directory / name / "system.toml"
    if own.is_file():
        return _read_system(own)
    found = next((one for one in catalogue.systems if one.id == name), None)
    if found is None:
        known = ", ".join(one.id for one in catalogue.systems)
        hint = f"There are {known}. For a new system write {own.as_posix()} first."
        raise UsageError("unknown-system", f"there is no system {name!r}", hint)
    return found


def _read_system(path: Path) -> System:
    try:
        return system_from_table(load_toml(read_text(path, TABLE)))
    except (ValueError, OSError) as error:
        raise CannotRunError("bad-catalogue", f"{path}: {error}", "Mend it first.") from error


def _files(patch_id: str, system: System, option: str) -> Mapping[str, str]:
    paths, signature = _target(system)
    anchor = signature.defines[0] if signature.defines else "def speak"
    listed = ", ".join(f'"{path}"' for path in paths)
    text = PATCH_TOML.format(
        id=patch_id, catalog=option, paths=listed, anchor=anchor, scope=anchor.split()[-1]
    )
    absent = "This version has no such call: there is nothing to do.\n"
    return {
        "patch.toml": text,
        f"cases/applies/before/{signature.path}": _example(signature, anchor, "slow"),
        f"cases/applies/after/{signature.path}": _example(signature, anchor, "quick"),
        f"cases/absent/before/{signature.path}": _example(signature, anchor, "other"),
        "cases/absent/absent.txt": absent,
    }


def _target(system: System) -> tuple[list[str], FileSignature]:
    """A Python file that the system is told by, and where it lies in each of its layouts."""
    files = [file for layout in system.layouts for file in layout.files if file.path[-3:] == ".py"]
    first = files[0] if files else FileSignature("speak.py")
    name = first.path.rpartition("/")[2]
    same = [one.path for one in files if one.path.endswith(name) and one.defines == first.defines]
    return list(dict.fromkeys([first.path, *same])), first


def _example(signature: FileSignature, anchor: str, call: str) -> str:
    """A file with the example's construct, and what else the system is told by."""
    kind, _, name = anchor.partition(" ")
    others = "".join(f"\n\n{one}():\n    pass\n" for one in signature.defines if one != anchor)
    if kind == "class":
        return f"class {name}:\n    def work(self, part):\n        return {call}(part)\n{others}"
    return f"def {name}(part):\n    return {call}(part)\n{others}"
