"""Hoisting in any file: but for the one statement, it is replacing."""

from __future__ import annotations

import ast

import pytest
from edit_checks import check_line_ends, check_other_lines_are_kept
from examples import examples
from generated_modules import modules
from hypothesis import event, given
from tree_transforms import Without

from ttsopt.domain.edits import Replace
from ttsopt.domain.plan import Status
from ttsopt.editing.compose import compose_checked
from ttsopt.editing.resolve import resolve

HOISTED = Replace(pattern="f(a)", replacement="c", hoist="c = f(a)")


def check_hoist(raw: bytes) -> None:
    found = resolve("a.py", raw, [HOISTED])
    event(f"hoist {found.answers[0].status.value}")
    if found.answers[0].status is not Status.APPLIED:
        assert not found.splices
        return
    after = compose_checked("a.py", raw, found.splices)
    tree = ast.parse(after)
    made = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and is_hoisted(node)]
    assert len(made) == 1
    assert ast.dump(Without(is_hoisted).visit(tree)) == ast.dump(CallsOfA().visit(ast.parse(raw)))
    check_other_lines_are_kept(raw, after, found.splices)
    check_line_ends(raw, after)
    assert not resolve("a.py", after, [HOISTED]).splices


def is_hoisted(node: ast.stmt) -> bool:
    return ast.unparse(node) == "c = f(a)"


class CallsOfA(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.Name("c", ast.Load()) if ast.unparse(node) == "f(a)" else node


@examples(100)
@given(modules())
def test_hoisting_is_replacing_but_for_one_statement(raw: bytes) -> None:
    check_hoist(raw)


@pytest.mark.slow
@examples(6000)
@given(modules())
def test_hoisting_is_replacing_many_times(raw: bytes) -> None:
    check_hoist(raw)
