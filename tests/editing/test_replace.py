from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import Replace
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.unparsable import PatternError

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Replace], EditAnswer]

LOOP = """\
class Model:
    def __init__(self):
        self.device = "cuda" if torch.cuda.is_available() else "cpu"

    def step(self, x):
        return x.cuda() if torch.cuda.is_available() else x
"""


def change(pattern: str, replacement: str, scope: str = "", maximum: int | None = None) -> Replace:
    return Replace(pattern=pattern, replacement=replacement, scope=scope, maximum=maximum)


def test_replaces_in_its_scope_alone(patched: Patched) -> None:
    edit = change("torch.cuda.is_available()", "self.cuda", scope="Model.step")
    head, dot, tail = LOOP.rpartition("torch.cuda.is_available()")
    assert dot
    assert patched(LOOP, edit) == f"{head}self.cuda{tail}".encode()


def test_every_place_of_the_file_without_a_scope(patched: Patched) -> None:
    edit = change("torch.cuda.is_available()", "CUDA")
    assert patched(LOOP, edit) == LOOP.replace("torch.cuda.is_available()", "CUDA").encode()


def test_answers_tell_the_line(answer: Answer) -> None:
    edit = change("torch.cuda.is_available()", "self.cuda", scope="Model.step")
    found = answer(LOOP, edit)
    assert (found.status, found.line) == (Status.APPLIED, 6)


def test_absent_where_scope_or_construct_is_not_there(answer: Answer) -> None:
    assert (
        answer(LOOP, change("torch.cuda.is_available()", "c", scope="Model.run")).status
        is Status.ABSENT
    )
    assert answer(LOOP, change("torch.mps.is_available()", "c")).status is Status.ABSENT
    assert answer("", change("a", "b")).status is Status.ABSENT
    assert answer("# nothing but words\n", change("a", "b")).status is Status.ABSENT


def test_already_where_only_the_replacement_is_there(answer: Answer) -> None:
    found = answer("a = 1\nx = cached\n", change("torch.cuda.is_available()", "cached"))
    assert (found.status, found.line) == (Status.ALREADY, 2)


def test_a_construct_with_other_literals_is_refused_with_its_line(answer: Answer) -> None:
    found = answer("o = 0\no.threads = 4  # tuned\n", change("$O.threads = 1", "$O.threads = 8"))
    assert (found.status, found.line) == (Status.REFUSED, 2)
    assert found.nearest == "o.threads = 4  # tuned"
    assert "$O.threads = 1" in found.reason


@pytest.mark.parametrize(
    ("low", "high", "fits"), [(1, 1, False), (2, 2, True), (1, None, True), (3, None, False)]
)
def test_number_of_places_must_be_as_expected(
    answer: Answer, low: int, high: int | None, fits: bool
) -> None:
    edit = Replace(pattern="f()", replacement="g()", minimum=low, maximum=high)
    found = answer("f()\nf()\n", edit)
    assert found.status is (Status.APPLIED if fits else Status.REFUSED)
    assert fits or "found 2 places" in found.reason


def test_wrapping_a_call_is_not_done_twice(patched: Patched, answer: Answer) -> None:
    edit = change("load($$$A)", "cached(load($$$A))")
    once = patched("m = load(path, device=d)\n", edit)
    assert once == b"m = cached(load(path, device=d))\n"
    assert answer(once, edit).status is Status.ALREADY
    assert patched(once, edit) == once


def test_a_second_place_is_wrapped_beside_one_that_is_already(patched: Patched) -> None:
    edit = change("load($$$A)", "cached(load($$$A))")
    assert (
        patched("a = cached(load(1))\nb = load(2)\n", edit)
        == b"a = cached(load(1))\nb = cached(load(2))\n"
    )


@pytest.mark.parametrize(
    ("source", "edit", "expected"),
    [
        ("y = f(a + b)\n", change("f($X)", "$X * 2"), "y = (a + b) * 2\n"),
        ("y = f(a) ** 2\n", change("f($X)", "-$X"), "y = (-a) ** 2\n"),
        ("y = f(a).real\n", change("f($X)", "$X + 1"), "y = (a + 1).real\n"),
        ("y = not f(a)\n", change("f($X)", "$X or b"), "y = not (a or b)\n"),
        ("y = g(f(a), 1)\n", change("f($X)", "$X, 2"), "y = g((a, 2), 1)\n"),
        (
            "y = [f(a) for a in b]\n",
            change("f($X)", "lambda: $X"),
            "y = [(lambda: a) for a in b]\n",
        ),
        ("y = f(5)\n", change("f($X)", "$X.real"), "y = (5).real\n"),
        ("y = five.real\n", change("five", "5"), "y = (5).real\n"),
        ("y = g(k=f(a))\n", change("f($X)", "$X if c else d"), "y = g(k=a if c else d)\n"),
        ("assert f(a)\n", change("f($X)", "$X, 'why'"), "assert (a, 'why')\n"),
        ("class A(f(b)): pass\n", change("f($X)", "$X, c"), "class A((b, c)): pass\n"),
        ("def g():\n    return-1\n", change("-1", "x"), "def g():\n    return(x)\n"),
        ("y = a if'b'else c\n", change("'b'", "d"), "y = a if(d)else c\n"),
        ("y = any(f(x) for x in z)\n", change("(f(x) for x in z)", "known"), "y = any(known)\n"),
        ("y = any(f(x) for x in z)\n", change("(f(x) for x in z)", "[1]"), "y = any([1])\n"),
        ("y = f(\n  a +\n  b)\n", change("f($X)", "$X"), "y = (a +\n  b)\n"),
        ("y = f('a'\n  'b')\n", change("y = f($X)", "y = $X"), "y = ('a'\n  'b')\n"),
        (
            "async def g():\n    await f(a)\n",
            change("f($X)", "$X or b"),
            "async def g():\n    await (a or b)\n",
        ),
    ],
)
def test_meaning_survives_precedence_and_touching_words(
    patched: Patched, source: str, edit: Replace, expected: str
) -> None:
    assert patched(source, edit).decode() == expected


def test_a_statement_becomes_several_at_its_own_depth(patched: Patched) -> None:
    edit = change("v = embed($X)", "if $X not in cache:\n    cache[$X] = embed($X)\nv = cache[$X]")
    source = "def f(a):\n\tif a:\n\t\tv = embed(a)  # slow\n\treturn v\n"
    assert patched(source, edit).decode() == (
        "def f(a):\n\tif a:\n\t\tif a not in cache:\n\t\t\tcache[a] = embed(a)\n"
        "\t\tv = cache[a]  # slow\n\treturn v\n"
    )


def test_captured_text_stays_as_it_is(patched: Patched) -> None:
    source = b'def f():\r\n    x = g("""one\r\n  two   \r\n\r\n""", 1 +\r\n          2)\r\n'
    assert patched(source, change("x = g($A, $B)", "x = h($A)")) == (
        b'def f():\r\n    x = h("""one\r\n  two   \r\n\r\n""")\r\n'
    )


@pytest.mark.parametrize("source", ["if a: v = f(a)\n", "v = f(a); w = 1\n", "w = 1; v = f(a)\n"])
def test_several_lines_need_lines_of_their_own(answer: Answer, source: str) -> None:
    found = answer(source, change("v = f($X)", "v = 0\nv = g($X)"))
    assert found.status is Status.REFUSED
    assert "shares its line" in found.reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if a: v = f(a)\n", "if a: v = g(a)\n"),
        ("v = f(a); w = f(b)\n", "v = g(a); w = g(b)\n"),
        ("v = 1 + \\\n    f(a)\n", "v = 1 + \\\n    g(a)\n"),
        ("def h(): return f(a)", "def h(): return g(a)"),
        ("@f(a)\ndef h(b=f(1)) -> f(2):\n    pass\n", "@g(a)\ndef h(b=g(1)) -> g(2):\n    pass\n"),
        (
            "async def h():\n    async with f(a) as b: await f(b)\n",
            "async def h():\n    async with g(a) as b: await g(b)\n",
        ),
        (
            "class A:\n  class B:\n    def h(self):\n      f(self)\n",
            "class A:\n  class B:\n    def h(self):\n      g(self)\n",
        ),
        ("x = 1\r\x0cy = f(a)\r", "x = 1\r\x0cy = g(a)\r"),
        ("s = '\u2028'; t = '🎙语'; y = f('音')\n", "s = '\u2028'; t = '🎙语'; y = g('音')\n"),
        (
            "match x:\n    case 1 if f(a):\n        f(b)\n",
            "match x:\n    case 1 if g(a):\n        g(b)\n",
        ),
    ],
)
def test_odd_layouts_keep_every_other_byte(patched: Patched, source: str, expected: str) -> None:
    assert patched(source, change("f($X)", "g($X)")) == expected.encode()


def test_nested_classes_and_conditional_definitions_are_scopes(patched: Patched) -> None:
    source = """\
try:
    import fast
except ImportError:
    class A:
        class B:
            async def h(self):
                return f(1)
else:
    class A:
        class B:
            def h(self):
                return f(2)
"""
    edit = change("f($X)", "g($X)", scope="A.B.h")
    assert patched(source, edit).decode() == source.replace("f(", "g(").replace("deg(", "def(")


def test_inside_f_strings_the_right_bytes_or_none(patched: Patched, answer: Answer) -> None:
    source = 'y = f"""f(1) {f(1)}\n é🎙 {f(1):>{f(2)}}""" f"{f(3)!r} f(3)"\n'
    edit = change("f($X)", "g($X)")
    found = answer(source, edit)
    if found.status is Status.REFUSED:
        assert "f-string" in found.reason
    else:
        assert patched(source, edit).decode() == (
            'y = f"""f(1) {g(1)}\n é🎙 {g(1):>{g(2)}}""" f"{g(3)!r} f(3)"\n'
        )


def test_no_new_quotes_inside_an_f_string(answer: Answer) -> None:
    found = answer("y = f'{f(a)}'\n", change("f($X)", "g('b', $X)"))
    assert found.status is Status.REFUSED
    assert "f-string" in found.reason


def test_a_branch_of_an_if_is_not_replaced_as_an_if(answer: Answer) -> None:
    source = "if a:\n    b()\nelif c:\n    d()\n"
    assert answer(source, change("if c: d()", "if e: d()")).status is Status.REFUSED


def test_decorators_go_with_the_definition_they_belong_to(patched: Patched) -> None:
    edit = change("@slow\ndef f(): return 1", "@fast\ndef f(): return 1")
    assert patched("@slow\ndef f(): return 1\n", edit) == b"@fast\ndef f(): return 1\n"


@pytest.mark.parametrize("nothing", ["", "# words"])
def test_an_empty_replacement_is_a_mistake_of_the_patch(answer: Answer, nothing: str) -> None:
    with pytest.raises(PatternError):
        answer("f()\n", change("f()", nothing))


def test_a_statement_cannot_stand_for_an_expression(answer: Answer) -> None:
    assert answer("y = f()\n", change("f()", "x = 1")).status is Status.REFUSED
