"""What runs in the target's interpreter and ttsopt itself do not import each other.

import-linter guards the layers; it cannot see that a file run by path stays on its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ttsopt

PACKAGE = Path(ttsopt.__path__[0])
FILES = sorted(PACKAGE.rglob("*.py"))
IN_TARGET = [path for path in FILES if "in_target" in path.relative_to(PACKAGE).parts]
OUTSIDE = [path for path in FILES if path not in IN_TARGET]


def imports(source: str, package: str) -> Iterator[str]:
    """Every module that a file imports, at any depth, relative ones in full."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*parents, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            yield from (
                arg.value
                for arg in node.args
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            )


def imported_by(path: Path) -> list[str]:
    package = ".".join(("ttsopt", *path.relative_to(PACKAGE).parts[:-1]))
    return list(imports(path.read_text(encoding="utf-8"), package))


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_ttsopt_does_not_import_what_runs_in_the_target(path: Path) -> None:
    assert not [name for name in imported_by(path) if name.startswith("ttsopt.in_target")]


@pytest.mark.parametrize("path", IN_TARGET, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_runs_in_the_target_imports_nothing_of_ttsopt(path: Path) -> None:
    assert not [name for name in imported_by(path) if name.split(".")[0] == "ttsopt"]


STARTS_PROCESSES = (
    "subprocess",
    "multiprocessing",
    "pty",
    "os.system",
    "os.popen",
    "os.posix_spawn",
)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_one_place_alone_starts_processes(path: Path) -> None:
    """One environment, one way to find a program, one way to end it: boundary/processes.py."""
    if path == PACKAGE / "boundary" / "processes.py":
        return
    if (
        path == PACKAGE / "domain" / "typed_command.py"
    ):  # quotes words for a shell, and starts nothing
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert not [name for name in imported_by(path) if name.startswith(STARTS_PROCESSES)]
    assert not [
        name for name in called if name.startswith((*STARTS_PROCESSES, "os.exec", "os.spawn"))
    ]


def test_both_sides_were_looked_at() -> None:
    assert len(OUTSIDE) > 50
    assert {"worker.py", "probe.py"} <= {path.name for path in IN_TARGET}


def test_the_search_sees_every_way_to_import() -> None:
    source = """
import ttsopt.in_target.worker as worker
from ttsopt.in_target import probe
def f():
    from .. import in_target
    from ..in_target.facts import facts
    importlib.import_module("ttsopt.in_target.outputs")
"""
    assert list(imports(source, "ttsopt.bench")) == [
        "ttsopt.in_target.worker",
        "ttsopt.in_target.probe",
        "ttsopt.in_target",
        "ttsopt.in_target.facts.facts",
        "ttsopt.in_target.outputs",
    ]


# Standard output and standard error have one door each, where text of any origin is escaped.
PRINTERS = {
    "cli/text.py": "the door",
    "cli/outcome.py": "JSON, which escapes by itself",
    "__main__.py": "fixed words, before anything is imported",
    "cli/show_demo.py": "headings of ttsopt's own, bold",
}
PRINTING = {"echo", "secho", "print", "print_exception", "print_exc", "input"}


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_is_printed_past_what_escapes_it(path: Path) -> None:
    if path.relative_to(PACKAGE).as_posix() in PRINTERS:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if call.rpartition(".")[2] in PRINTING]
    assert not [call for call in calls if call.startswith("sys.std") and "write" in call]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_message_with_several_lines_has_them_as_details(path: Path) -> None:
    """A line end in the message itself is printed as `\\n`: it may be one of a file's name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error"):
            said += node.args[1:3]
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"message", "hint"}:
            said.append(node.value)
    texts = [part.value for one in said for part in ast.walk(one) if isinstance(part, ast.Constant)]
    assert not [text for text in texts if isinstance(text, str) and "\n" in text]


# Files have one door too, boundary/reading.py, and what they hold another, boundary/parsing.py.
READERS = {
    "boundary/reading.py": "the door",
    "boundary/parsing.py": "the other door",
    "checkout/fs/folder.py": "through descriptors of folders, past no link",
    "checkout/fs/plain_file.py": "the same, with the checks of the door",
    "checkout/fs/swap.py": "writes, through the same",
    "checkout/state/reader_lock.py": "locks, and reads of /proc",
    "checkout/state/lock.py": "locks a folder, and reads nothing",
    "checkout/fs/files.py": "writes",
    "checkout/state/state_files.py": "writes",
    "checkout/state/seal_key.py": "writes a key, and reads it through plain_file.py, with its owner and mode",
    "checkout/state/journal_format.py": "its own strict reading of bytes that plain_file.py gave",
    "domain/dotted_key.py": "one quoted string",
    "editing/config/toml_place.py": "tomlkit on what load_toml took",
    "editing/python/shape.py": "a node of a tree that was parsed",
    "editing/python/parsing.py": "compiles nothing to run it, and knows what Python raises at any depth",
    "environment/installed.py": "what a process just wrote into a folder of ttsopt's own",
    "cli/files.py": "writes what the user asked for",
    "cli/outcome.py": "/dev/null",
    "cli/streams.py": "the standard streams themselves",
    "bench/outputs/samples.py": "writes sounds",
}
READING = {"read_text", "read_bytes", "open", "fdopen", "load", "loads", "compose", "compose_all"}
READING |= {"safe_load", "parse", "literal_eval", "compile", "eval", "exec", "copyfile", "copytree"}
HARMLESS = ("re.compile", "shutil.copytree", "template.parse")


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_is_read_past_the_guarded_reader(path: Path) -> None:
    if path.relative_to(PACKAGE).as_posix() in READERS:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls = [call for call in calls if "." in call or call in {"open", "compile", "eval", "exec"}]
    found = [call for call in calls if call.rpartition(".")[2] in READING]
    assert not [call for call in found if call not in HARMLESS]


def test_every_exception_is_still_needed() -> None:
    assert not [name for name in (*READERS, *PRINTERS) if not (PACKAGE / name).is_file()]


PATCHES = Path(__file__).parents[1] / "patches"
DOCUMENTED = [*FILES, *PATCHES.glob("_helpers/*.py"), *PATCHES.glob("*/workload.py")]
DOCUMENTED += PATCHES.glob("*/workload/*.py")


@pytest.mark.parametrize("path", DOCUMENTED, ids=str)
def test_docstrings_begin_with_a_verb_or_a_noun(path: Path) -> None:
    nodes = [
        node
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    said = [ast.get_docstring(node) or "" for node in nodes]
    assert [line for line in said if line.startswith(("What ", "Whether "))] == []
