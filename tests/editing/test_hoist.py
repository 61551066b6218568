"""Hoisting: the statement stands once, in the nearest block that runs before all places, or it is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import Replace
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.resolve import resolve
from ttsopt.editing.unparsable import PatternError

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Edit], EditAnswer]


def local(scope: str = "", pattern: str = "f(n)") -> Replace:
    return Replace(scope=scope, pattern=pattern, replacement="c", hoist=f"c = {pattern}")


def own(scope: str = "", pattern: str = "f(n)") -> Replace:
    return Replace(scope=scope, pattern=pattern, replacement="self.c", hoist=f"self.c = {pattern}")


PLACED = {
    "the block of one place": (
        "def m(n):\n    for x in n:\n        y = f(n)\n",
        "def m(n):\n    for x in n:\n        c = f(n)\n        y = c\n",
    ),
    "the block that holds both branches": (
        "def m(n):\n    go()\n    if n:\n        f(n)\n    else:\n        g(f(n))\n",
        "def m(n):\n    go()\n    c = f(n)\n    if n:\n        c\n    else:\n        g(c)\n",
    ),
    "out of an elif's test": (
        "if a:\n    pass\nelif f(n):\n    pass\n",
        "c = f(n)\nif a:\n    pass\nelif c:\n    pass\n",
    ),
    "inside an elif's body": (
        "if a:\n    pass\nelif b:\n\ty = f(n)\n",
        "if a:\n    pass\nelif b:\n\tc = f(n)\n\ty = c\n",
    ),
    "out of a one-line body": ("if a: y = f(n)\n", "c = f(n)\nif a: y = c\n"),
    "before the whole line": ("x = 1; y = f(n)\n", "c = f(n)\nx = 1; y = c\n"),
    "out of a lambda and a comprehension": (
        "y = lambda: [f(n) for x in a]\r\n",
        "c = f(n)\r\ny = lambda: [c for x in a]\r\n",
    ),
    "above a decorated class, no name of its own": (
        "@a\nclass A:\n    y = f(n)\n    def m(self):\n        return f(n)\n",
        "c = f(n)\n@a\nclass A:\n    y = c\n    def m(self):\n        return c\n",
    ),
    "before what it changes itself": (
        "def m(n):\n    n = f(n)\n",
        "def m(n):\n    c = f(n)\n    n = c\n",
    ),
    "in an async function": (
        "async def m(n):\n    async with f(n) as k: await f(n)",
        "async def m(n):\n    c = f(n)\n    async with c as k: await c",
    ),
    "in a match": (
        "match a:\n    case 1 if f(n):\n        f(n)\n    case _:\n        pass\n",
        "c = f(n)\nmatch a:\n    case 1 if c:\n        c\n    case _:\n        pass\n",
    ),
    "with a handler's block": (
        "try:\n    pass\nexcept E:\n    y = f(n)\n",
        "try:\n    pass\nexcept E:\n    c = f(n)\n    y = c\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), PLACED.values(), ids=PLACED.keys())
def test_the_nearest_block_that_runs_before_all(patched: Patched, before: str, after: str) -> None:
    assert patched(before, local()).decode() == after
    assert patched(after, local()).decode() == after


def test_an_attribute_is_set_in_the_method(patched: Patched, answer: Answer) -> None:
    source = "class A:\n    def m(self, n):\n        if n: return f(n)\n        return -f(n)\n"
    after = patched(source, own("A.m"))
    assert after.decode() == (
        "class A:\n    def m(self, n):\n        self.c = f(n)\n        if n: return self.c\n"
        "        return -self.c\n"
    )
    assert answer(after, own("A.m")).status is Status.ALREADY


def test_already_counts_the_places_and_not_the_statement(answer: Answer) -> None:
    edit = Replace(pattern="f(n)", replacement="c", hoist="c = f(n)", minimum=2, maximum=2)
    assert answer("c = f(n)\ng(c)\nh(c)\n", edit).status is Status.ALREADY
    assert answer("c = f(n)\ng(c)\n", edit).status is Status.REFUSED
    assert answer("g(f(n))\nh(f(n))\n", edit).status is Status.APPLIED


def test_one_that_is_there_serves_new_places_too(patched: Patched) -> None:
    assert patched("c = f(n)\ng(c)\ng(f(n))\n", local()) == b"c = f(n)\ng(c)\ng(c)\n"


def test_without_the_statement_nothing_is_made_already(answer: Answer) -> None:
    assert answer("g(c)\n", local()).status is Status.ABSENT
    elsewhere = "def k(n):\n    c = f(n)\n    g(c)\ndef m(c):\n    g(c)\n"
    assert answer(elsewhere, local("m")).status is Status.ABSENT
    assert answer(elsewhere, local("k")).status is Status.ALREADY
    assert answer("c = f(n)\ndef m():\n    g(c)\n", local("m")).status is Status.ALREADY


def test_the_statement_takes_what_the_places_share(patched: Patched, answer: Answer) -> None:
    edit = Replace(pattern="f($X)", replacement="c", hoist="c = f($X)")
    assert patched("g(f('a'))\nh(f(\"a\"))\n", edit) == b"c = f('a')\ng(c)\nh(c)\n"
    found = answer("g(f('a'))\nh(f('b'))\n", edit)
    assert (found.status, found.reason) == (
        Status.REFUSED,
        "the places differ in what the hoisted statement takes",
    )


REFUSED = {
    "two methods, an attribute": (
        "class A:\n    def m(self, n): f(n)\n    def k(self, n): f(n)\n",
        own(),
        "no block",
    ),
    "an attribute outside of a method": ("f(n)\n", own(), "no block"),
    "two functions, a parameter of each": (
        "def m(n):\n    f(n)\ndef k(n):\n    f(n)\n",
        local(),
        "`n`, which `c = f(n)` reads, gets its value on line 1",
    ),
    "the name is taken": (
        "def m(n):\n    c = 1\n    return f(n) + c\n",
        local(),
        "is used already",
    ),
    "the name is a parameter": ("def m(n, c):\n    return f(n)\n", local(), "is used already"),
    "the attribute is taken": (
        "class A:\n    def __init__(self):\n        self.c = 1\n    def m(self, n):\n        f(n)\n",
        own("A.m"),
        "`self.c` is used already, on line 3",
    ),
    "the attribute is a method": (
        "class A:\n    def c(self):\n        pass\n    def m(self, n):\n        f(n)\n",
        own("A.m"),
        "`self.c` is used already, on line 2",
    ),
    "changed between": (
        "def m(n):\n    f(n)\n    n = 2\n    f(n)\n",
        local(),
        "gets its value on line 3",
    ),
    "changed in the loop that asks": (
        "def m(n):\n    while f(n):\n        n -= 1\n",
        local(),
        "gets its value on line 3",
    ),
    "bound by a lambda": ("y = lambda n: f(n)\n", local(), "gets its value on line 1"),
    "bound by a comprehension": ("y = [f(n) for n in a]\n", local(), "gets its value on line 1"),
    "changed after a closure was made": (
        "def m(n):\n    g = lambda: f(n)\n    n = 2\n    return g()\n",
        local(),
        "gets its value on line 3",
    ),
    "changed by another function": (
        "n = 1\ndef k():\n    global n\n    n = 2\nf(n)\nk()\nf(n)\n",
        local(),
        "gets its value on line 3",
    ),
    "imported in one branch": (
        "if a:\n    import n\n    f(n)\nelse:\n    f(n)\n",
        local(),
        "gets its value on line 2",
    ),
    "only set in one branch before": (
        "if a:\n    c = f(n)\ng(f(n))\n",
        local(),
        "is used already",
    ),
    "an attribute that changes": (
        "def m(n):\n    f(n.x)\n    n.x = 2\n    f(n.x)\n",
        local(pattern="f(n.x)"),
        "`n.x`",
    ),
}


@pytest.mark.parametrize(("source", "edit", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_where_it_would_not_mean_the_same(
    answer: Answer, source: str, edit: Replace, reason: str
) -> None:
    found = answer(source, edit)
    assert found.status is Status.REFUSED
    assert reason in found.reason
    assert found.line
    assert found.nearest


def test_await_only_goes_where_it_can(patched: Patched, answer: Answer) -> None:
    edit = local(pattern="await f(n)")
    source = "async def m(n):\n    return [await f(n), await f(n)]\n"
    assert patched(source, edit).decode() == (
        "async def m(n):\n    c = await f(n)\n    return [c, c]\n"
    )
    two = "async def m(n):\n    await f(n)\nasync def k(n):\n    await f(n)\n"
    assert "no block" in answer(two, edit).reason


@pytest.mark.parametrize(
    "hoist", ["f(n)", "c = d = f(n)", "c, d = f(n)", "c.d.e = 1", "c = 1\nd = 1"]
)
def test_only_one_assignment_can_be_hoisted(hoist: str) -> None:
    edit = Replace(pattern="f(n)", replacement="c", hoist=hoist)
    with pytest.raises(PatternError):
        resolve("a.py", b"f(n)\n", [edit])
