"""Python modules as checkouts have come with them: any layout, line end, indentation and encoding."""

from __future__ import annotations

import textwrap

from hypothesis import strategies as st

ATOMS = [
    "a",
    "变量",
    "b.c",
    "xs[0]",
    "7",
    "1.5",
    "None",
    "'语音 🎙'",
    '"é\\n"',
    "b'x'",
    "{'k': a}",
    "f'{a}语{b!r}'",
]
FORMS = [
    "f({0})",
    "f({0})",
    "h({0}, k={1})",
    "h(*{0}, **{1})",
    "{0} + {1}",
    "({0}, {1})",
    "[{0}, {1}]",
    "-({0})",
    "(not {0})",
    "(lambda: {0})",
    "(({0}) if ({1}) else a)",
    "[x for x in ({0})]",
    "any(x for x in({0}))",
    "({0} \n    and {1})",
    "{{{0}: {1}}}",
    "({0}).d",
    "({0} if({1})else b)",
    "'''语\n  {{}}🎙''' % {0}",
    "({0}).d[{1}:]",
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """An expression; calls of `f` may lie in one another."""
    form = draw(st.sampled_from(FORMS if depth else ["{0}", "f(a)"]))
    if not depth:
        return form.format(draw(st.sampled_from(ATOMS))) if "{0}" in form else form
    return form.format(*(draw(expressions(depth - draw(st.integers(1, depth)))) for _ in range(2)))


SIMPLE = [
    "y = {0}",
    "{0}",
    "y = {0}; z = {1}  # 注释",
    "y = 1 + \\\n    ({0})",
    "assert {0}",
    "mark()",
    "mark()  # 标记",
    "mark(); y = {0}; mark()",
    "y = {0}; mark(); \\\n  f(a)",
    "y: int = {0}",
]
BLOCKS = [
    "if {0}: y = {1}",
    "if {0}: mark()",
    "for x in {0}: mark(); mark()",
    "while {0}:\n    mark()\n    # words\n    assert {1}",
    "@staticmethod\n@b.c  # 装饰\ndef m(n=32):\n{body}",
    "@f.setter\ndef m(n): mark()",
    "if {0}:\n{body}\nelif {1}:\n{body}\nelse:\n{body}",
    "for x in {0}:\n{body}",
    "try:\n{body}\nexcept E:\n{body}\nfinally:\n{body}",
    "with {0} as w:\n{body}",
    "while {0}:\n{body}",
    "def m(n=32, *, k={0}):\n{body}\n    return {1}",
    "@f(a)\nasync def m(p, n=32) -> {0}:\n{body}",
    "class K(a):\n    '''Doc 语.'''\n    LIMIT = 32\n{body}",
    "def m(self, /, n={0}): return({1})",
    "match a:\n    case 1 if {0}:\n{deep}",
]


@st.composite
def blocks(draw: st.DrawFn, depth: int = 2) -> str:
    """Statements of one block, indented by four blanks a level."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        form = draw(st.sampled_from(SIMPLE + (BLOCKS * 2 if depth else [])))
        body = (
            textwrap.indent(draw(blocks(depth - 1)), "    ")
            if "body" in form or "deep" in form
            else ""
        )
        values = [draw(expressions()) for _ in range(2)]
        deep = textwrap.indent(body, "    ")
        lines += draw(st.sampled_from([[], ["# 语音 🎙"], [""], ["\x0c"]]))
        lines.append(form.format(*values, body=body, deep=deep))
    return "\n".join(lines)


@st.composite
def modules(draw: st.DrawFn) -> bytes:
    """A module's bytes: any of the layouts that checkouts have come in."""
    head = draw(st.sampled_from(["", "#!/usr/bin/env python", '"""Doc."""', "# 许可证"]))
    imports = draw(
        st.sampled_from(["", "import sys", "from __future__ import annotations\nimport sys, re"])
    )
    constant = draw(
        st.sampled_from(["LIMIT = 32", "LIMIT: int = 32", "LIMIT=32 # 上限", "x = LIMIT = (32)"])
    )
    text = "\n".join(filter(None, [head, imports, constant])) + "\n" + draw(blocks())
    unit = draw(st.sampled_from(["    ", "\t", "  "]))
    lines = [_reindent(line, unit) for line in text.split("\n")]
    newlines = draw(st.sampled_from(["\n", "\r\n", "\r", "mixed"]))
    ends = st.sampled_from(["\n", "\r\n"]) if newlines == "mixed" else st.just(newlines)
    ended = "".join(line + draw(ends) for line in lines[:-1]) + lines[-1]
    end = draw(st.sampled_from(["", "\n" if newlines == "mixed" else newlines]))
    return _encoded(draw, ended + end, "\n" if newlines == "mixed" else newlines)


def _encoded(draw: st.DrawFn, text: str, newline: str) -> bytes:
    codec = draw(st.sampled_from(["", "", "", "mark", "latin-1", "gbk", "cp1252"]))
    if codec in {"", "mark"}:
        return (codec.replace("mark", "\ufeff") + text).encode()
    if codec != "gbk":
        text = text.replace("变量", "b")
    return f"# -*- coding: {codec} -*-{newline}{text}".encode(codec, errors="replace")


def _reindent(line: str, unit: str) -> str:
    body = line.lstrip(" ")
    levels, rest = divmod(len(line) - len(body), 4)
    return unit * levels + " " * rest + body
