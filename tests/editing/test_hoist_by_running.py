"""Hoisting, by running what comes out: a program gives the same as before, whatever it is nested in."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any

import pytest
from examples import examples
from hypothesis import event, given
from hypothesis import strategies as st

from ttsopt.domain.edits import Replace
from ttsopt.domain.plan import Status
from ttsopt.editing.compose import compose_checked
from ttsopt.editing.resolve import resolve


def local(scope: str) -> Replace:
    return Replace(scope=scope, pattern="f(n)", replacement="c", hoist="c = f(n)")


def own(scope: str) -> Replace:
    return Replace(scope=scope, pattern="f(n)", replacement="self.c", hoist="self.c = f(n)")


SIMPLE = [
    "out.append(f(n))",
    "out.append(f(n) + f(n))",
    "n = n + 1",
    "n = f(n)",
    "n += f(n)",
    "n, k = f(n), n",
    "out.append(f(n)); n = 2",
    "n = 3; out.append(f(n))",
    "if xs: out.append(f(n))",
    "out += [f(n) for n in xs]",
    "out += [f(n) for x in xs]",
    "out += [f(n) for x in range(f(n) % 3)]",
    "out += [n for n in xs]",
    "out.append((lambda: f(n))())",
    "late.append(lambda: f(n))",
    "late.append(lambda n=f(n): f(n))",
    "out.append((n := f(n)))",
    "out.append(f(n) if n % 2 else -f(n))",
    "y = 1 + \\\n    f(n); out.append(y)",
    "out.append(call(k))",
    "out.append(f'{f(n)}')",
    "assert f(n) or True",
    "pass",
]
BLOCKS = [
    "if f(n) % 2:\n{0}\nelif f(n) % 3:\n{1}\nelse:\n{0}",
    "if n % 2:\n{0}\nelse:\n{1}",
    "for x in xs:\n{0}\nelse:\n{1}",
    "for n in xs:\n{0}",
    "for n in range(f(n) % 3):\n{0}",
    "for x in xs:\n    if f(x) % 2: continue\n{0}",
    "for x in xs:\n    if x == n: break\n{0}",
    "t = 0\nwhile t < f(n) % 4:\n    t += 1\n{0}",
    "t = 0\nwhile (n := n + 1) and t < 3:\n    t += 1\n{0}",
    "try:\n{0}\n    raise ValueError\nexcept ValueError:\n{1}\nfinally:\n{0}",
    "with held(n) as w:\n{0}",
    "with held(f(n)) as n:\n{0}",
    "def g(n):\n{0}\n    return f(n)\nout.append(g(4))",
    "def g(n=f(n)):\n{0}\nlate.append(g)",
    "def g():\n    nonlocal n\n    n += 1\n    return f(n)\nout.append(g())",
    "async def g():\n    out.append(f(n))\n    return f(n)\nlate.append(lambda g=g: done(g()))",
    "class K:\n    v = f(n)\n    def get(self):\n        return f(n)\nlate.append(K().get)",
    "class K:\n    n = 5\n    v = f(n)\nout.append(K.v)",
    "match n % 3:\n    case 0 if f(n) % 2:\n{deep0}\n    case n:\n{deep1}",
    "match xs:\n    case [n, *_]:\n{deep0}",
]


HOLES = ("{0}", "{1}", "{deep0}", "{deep1}")


# What gives `n` no other value: most of what is generated, for most programs that do are refused.
STEADY = re.compile(
    r"(?s)(?!.*(\bn \+?=|\bn, k =|n :=|; n =|for n|n in xs|as n|lambda n|case n|\[n|g\(n|nonlocal))"
)


@st.composite
def bodies(draw: st.DrawFn, steady: bool, depth: int = 2) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        forms = SIMPLE + BLOCKS * (2 if depth else 0)
        form = draw(st.sampled_from([one for one in forms if not steady or STEADY.match(one)]))
        for hole in HOLES:
            if hole in form:
                block = textwrap.indent(
                    draw(bodies(steady, depth - 1)), " " * (8 if "deep" in hole else 4)
                )
                form = form.replace(hole, block)
        lines.append(form)
    return "\n".join(lines)


PROGRAM = """\
k = 7
class A:
    def m(self, n, xs):
        out = []
        late = []
{body}
        for g in late:
            out.append(g())
        return out, n
"""


class Held:
    def __init__(self, value: int) -> None:
        self.value = value

    def __enter__(self) -> int:
        return self.value + 1

    def __exit__(self, *_: object) -> None:
        pass


def done(coroutine: Any) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError(coroutine)


def outcome(source: bytes, n: int, xs: list[int]) -> object:
    """What the method gives back, or the kind of error that it ends with."""
    names: dict[str, Any] = {
        "f": lambda x: x * 3 + 1,
        "call": lambda x: x - 1,
        "held": Held,
        "done": done,
    }
    try:
        exec(compile(source, "<made>", "exec"), names)  # noqa: S102
        out, n = names["A"]().m(n, xs)
    except (NameError, TypeError) as error:
        return type(error)
    return [getattr(value, "__name__", value) for value in out], n


def is_python(source: str) -> bool:
    try:
        compile(source, "<made>", "exec")
    except SyntaxError:
        return False
    return True


def check_runs_the_same(body: str, edit: Replace) -> None:
    source = PROGRAM.format(body=textwrap.indent(body, " " * 8))
    if not is_python(source):
        # Such as `nonlocal n` behind a use of it in the same function.
        return
    raw = source.encode()
    found = resolve("a.py", raw, [edit])
    event(found.answers[0].status.value + " " + found.answers[0].reason[:8])
    if found.answers[0].status is not Status.APPLIED:
        return
    after = compose_checked("a.py", raw, found.splices)
    for n, xs in [(1, []), (2, [5]), (5, [2, 5, 8]), (3, [3])]:
        assert outcome(after, n, xs) == outcome(raw, n, xs), after.decode()
    left = [node for node in ast.walk(ast.parse(after)) if ast.dump(node) == CALL]
    assert len(left) == 1
    assert not resolve("a.py", after, [edit]).splices


CALL = ast.dump(ast.parse("f(n)", mode="eval").body)
EDITS = st.sampled_from([local("A.m"), own("A.m"), local(""), own("A"), own("")])
PROGRAMS = st.sampled_from([True, True, False]).flatmap(bodies)


@examples(120)
@given(PROGRAMS, EDITS)
def test_a_hoisted_program_gives_the_same(body: str, edit: Replace) -> None:
    check_runs_the_same(body, edit)


@pytest.mark.slow
@examples(8000)
@given(PROGRAMS, EDITS)
def test_a_hoisted_program_gives_the_same_many_times(body: str, edit: Replace) -> None:
    check_runs_the_same(body, edit)
