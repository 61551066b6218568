"""Imports modules of a tree in forked processes, everything around them stubbed; run by path.

One JSON object a line on standard input:
`top`: the tree. `real`: paths whose code runs; every other module of the tree is a stub, found by the real
import machinery. `stems`: modules that are never stubbed. `own`: first names of modules that are the tree's, not
stubbed where the import path does not lead to them. `outside`: names that are a third party's though the tree has
a folder called so. `partial`: modules of the tree's packages that are not there are stubbed. `unbound`: names that
a `*` import of a stub gives. `fatal`: names whose lack is an error. `ways`: lists of kind (`import`, `module`,
`script`), name or path, and folders of the import path.

For each line one list, of an error ("" if it worked) and the paths of `real` that were loaded, for every way.

Statements run one by one, and what fails for another reason than an import is passed over: a stub is no tensor.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import os
import select
import signal
import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, Self

SECONDS = 20
COMPILED: dict[str, list[types.CodeType]] = {}
Request = dict[str, Any]
Way = tuple[str, str, list[str]]
# What code that is only imported has no business to do on this machine.
FORBIDDEN = {
    *(
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.fork",
        "os.kill",
    ),
    *(
        "socket.connect",
        "socket.bind",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.mkdir",
        "os.symlink",
    ),
    *("os.link", "os.chmod", "os.truncate", "shutil.rmtree"),
}


class Stub:
    """Something of a third party: base class, decorator, context, number, whatever is asked."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return Stub()

    def __getattr__(self, name: str) -> Stub:
        return attribute(name)

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type]:
        return (type("StubBase", (), {}),)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        pass

    def __iter__(self) -> Any:
        return iter(())

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return "0"

    def __index__(self) -> int:
        return 1


def attribute(name: str) -> Stub:
    """An attribute of a stub; it has no special methods but its own."""
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)
    return Stub()


def _gives_stub(*operands: object) -> Stub:
    return Stub()


def _gives_false(*operands: object) -> bool:
    return False


# `__getitem__` too: one that is written out makes a sequence of it for whoever iterates.
_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or")
for _name in (*_OPERATORS, *(f"r{one}" for one in _OPERATORS), "neg", "invert", "getitem"):
    setattr(Stub, f"__{_name}__", _gives_stub)
for _name in ("lt", "le", "gt", "ge", "contains"):
    setattr(Stub, f"__{_name}__", _gives_false)


class Blank(importlib.abc.Loader):
    """Loads a module that has every attribute."""

    def __init__(self, unbound: Sequence[str]) -> None:
        self.unbound = unbound

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        given = {"__all__": list(self.unbound), "__version__": "0", "__getattr__": attribute}
        module.__dict__.update(given)


class Real(importlib.machinery.SourceFileLoader):
    """Runs a file of the tree."""

    fatal: frozenset[str] = frozenset()

    def exec_module(self, module: types.ModuleType) -> None:
        run(self.path, module.__dict__, self.fatal)


class TreeFinder(importlib.abc.MetaPathFinder):
    """The import machinery's own search; what it finds in the tree is run or stubbed."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.real = {_place(request["top"], path) for path in request["real"]}

    def find_spec(self, name: str, path: Any = None, target: object = None) -> ModuleSpec | None:
        if name in self.request["outside"]:
            return ModuleSpec(name, Blank(self.request["unbound"]), is_package=True)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or not spec.has_location or spec.origin is None:
            return None
        if not spec.origin.startswith(self.request["top"] + os.sep):
            return None
        real = spec.origin in self.real
        spec.loader = Real(name, spec.origin) if real else Blank(self.request["unbound"])
        return spec


class OutsideFinder(importlib.abc.MetaPathFinder):
    """Makes up what nobody found, unless it must be the tree's."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def find_spec(self, name: str, path: Any = None, target: object = None) -> ModuleSpec | None:
        if not self.made_up(name):
            return None
        return ModuleSpec(name, Blank(self.request["unbound"]), is_package=True)

    def made_up(self, name: str) -> bool:
        parent, _, last = name.rpartition(".")
        if last in self.request["stems"]:
            return False
        if not parent:
            return name not in self.request["own"]
        loader = getattr(sys.modules[parent].__spec__, "loader", None)
        return bool(self.request["partial"]) or isinstance(loader, Blank)


def _place(top: str, path: str) -> str:
    return f"{top}/{path}" if path else top


def statements(path: str) -> list[types.CodeType]:
    """Compile a file's statements one by one, once for all processes."""
    if path not in COMPILED:
        tree = ast.parse(Path(path).read_bytes(), path)
        future = [
            node
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ]
        COMPILED[path] = [
            compile(ast.Module([*future, node], []), path, "exec", dont_inherit=True)
            for node in tree.body
        ]
    return COMPILED[path]


def run(path: str, namespace: dict[str, Any], fatal: frozenset[str]) -> None:
    """Run a file in a namespace; errors of imports, and of names that an import should have given, are raised."""
    for code in statements(path):
        try:
            exec(code, namespace)  # noqa: S102 - that is what importing is
        except ImportError:
            raise
        except NameError as error:
            if error.name in fatal:
                raise
        except (Exception, SystemExit):  # noqa: S110, BLE001 - of a stub
            pass


def script(request: Request, path: str) -> None:
    """As `python path` does, but for the name."""
    file = _place(request["top"], path)
    sys.path.insert(0, str(Path(file).parent))
    _run_as_main(file, None, None)


def as_module(request: Request, name: str) -> None:
    """As `python -m name` does, but for the name."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ImportError(f"no module {name}")
    _run_as_main(spec.origin, spec.parent, spec)


def _run_as_main(file: str, package: str | None, spec: ModuleSpec | None) -> None:
    module = types.ModuleType("__script__")
    module.__dict__.update(__file__=file, __package__=package, __spec__=spec)
    sys.modules["__script__"] = module
    run(file, module.__dict__, Real.fatal)


def imported(request: Request, name: str) -> None:
    """As `import name` does."""
    importlib.import_module(name)


KINDS = {"import": imported, "module": as_module, "script": script}


def go(request: Request, kind: str, name: str, folders: list[str]) -> tuple[str, list[str]]:
    """One way, in a process of its own."""
    os.chdir(request["top"])
    sys.argv[:] = [name]
    sys.path[:0] = [_place(request["top"], one) for one in folders]
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), io.StringIO(), io.StringIO()
    sys.meta_path.insert(0, TreeFinder(request))
    sys.meta_path.append(OutsideFinder(request))
    Real.fatal = frozenset(request["fatal"])
    sys.addaudithook(_forbid)
    try:
        KINDS[kind](request, name)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it did not import
        return f"{type(error).__name__}: {error}", []
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return "", [path for path in request["real"] if _place(request["top"], path) in files]


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(arguments[1], str) and set("wax+") & set(arguments[1])
    if writes or event in FORBIDDEN:
        raise PermissionError(event)


def forked(request: Request, way: Way) -> tuple[str, list[str]]:
    """Fork, go, and read what came of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            data = json.dumps(go(request, *way)).encode()
            while data:
                data = data[os.write(writing, data) :]
        finally:
            os._exit(0)
    os.close(writing)
    try:
        return _read(reading)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _read(reading: int) -> tuple[str, list[str]]:
    data = b""
    while select.select([reading], [], [], SECONDS)[0]:
        chunk = os.read(reading, 65536)
        if not chunk:
            error, loaded = json.loads(data.decode()) if data else ("it ended by itself", [])
            return error, loaded
        data += chunk
    return f"not done in {SECONDS} s", []


def main() -> None:
    """Answer line by line."""
    sys.dont_write_bytecode = True
    for line in sys.stdin:
        request = json.loads(line)
        COMPILED.clear()
        for path in request["real"]:
            # What cannot be read or compiled is an error of the import.
            with contextlib.suppress(OSError, SyntaxError, ValueError):
                statements(_place(request["top"], path))
        answers = [forked(request, way) for way in request["ways"]]
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
