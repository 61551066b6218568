"""Changes that several intents share: a default, a statement taken out, a decorator, threads of ONNX Runtime."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from oracles.reading import Marks, blocks, expression, lines_of, statements

Function = ast.FunctionDef | ast.AsyncFunctionDef
# As many threads as torch has, at most 8; none of them spins.
THREADS = "min(8, torch.get_num_threads())"
NO_SPINNING = "add_session_config_entry('session.intra_op.allow_spinning', '0')"


def set_number(node: ast.expr, old: object, new: object, marks: Marks) -> None:
    """Give a literal another value, if it has the old one."""
    if isinstance(node, ast.Constant) and type(node.value) is type(old) and node.value == old:
        node.value = new  # type: ignore[assignment]
        marks.changed |= set(lines_of(node))
        marks.count += 1


def defaults(function: Function, name: str) -> Iterable[ast.expr]:
    """The default of a parameter: one, or none."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(positional), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return (value for argument, value in pairs if argument.arg == name and value is not None)


def drop(scope: ast.AST, texts: Iterable[str], marks: Marks) -> None:
    """Take out every statement that reads like one of the texts; an emptied block keeps a `pass`."""
    wanted = set(texts)
    for block in blocks(scope):
        gone = [node for node in block if ast.unparse(node) in wanted]
        for node in gone:
            marks.dropped |= set(lines_of(node))
            marks.count += 1
            block.remove(node)
        if gone and not block:
            block.append(ast.Pass())


def decorate(function: Function, decorator: str, marks: Marks) -> None:
    """Put a decorator next to the function, below those that it has."""
    marks.inserted.add(function.lineno - 1)
    marks.count += 1
    function.decorator_list.append(expression(decorator))


def set_threads(scope: ast.AST, marks: Marks) -> None:
    """Give every `X.intra_op_num_threads = 1` the threads of the process, and have them wait without spinning."""
    for block in blocks(scope):
        for node in list(block):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Attribute)
                and node.targets[0].attr == "intra_op_num_threads"
                and isinstance(node.value, ast.Constant)
                and node.value.value == 1
            ):
                node.value = expression(THREADS)
                options = ast.unparse(node.targets[0].value)
                at = block.index(node) + 1
                block[at:at] = statements(f"{options}.{NO_SPINNING}")
                marks.changed |= set(lines_of(node))
                marks.count += 1
