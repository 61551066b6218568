"""Text of any origin, made safe for a line, a diff, JSON and Markdown."""

from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from printed import EVIL, commands, hidden

from ttsopt.boundary.escape import code_line, json_text, markdown, markdown_cell, one_line

ANY = st.text(st.characters(exclude_categories=()) | st.sampled_from("::##[ \n\t\x1b\u202e`|"))


@given(ANY)
def test_a_line_stays_one_and_holds_nothing_hidden(text: str) -> None:
    for line in (one_line(text), code_line(text.replace("\t", ""))):
        assert "\n" not in line
        assert not hidden(line)
        assert not commands(line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain.py", "plain.py"),
        ("语音合成　é", "语音合成　é"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[31m\x9b\x7f", r"\x1b[31m\x9b\x7f"),
        ("\u202ea\u2066\u200e\u061c\u2028", r"\u202ea\u2066\u200e\u061c\u2028"),
        ("\ufeff\u200b\u00ad\u3164\ufe0f\U000e0041", r"\ufeff\u200b\xad\u3164\ufe0f\U000e0041"),
        ("\udcff", r"\udcff"),
        ("::error::x", r"\x3a:error::x"),
        ("  ::error::x and ::set-output", r"  \x3a:error::x and \x3a:set-output"),
        ("std::vector", "std::vector"),
        ("a ##[error]x ##vso[y] ## [z]", r"a \x23#[error]x \x23#vso[y] ## [z]"),
    ],
)
def test_what_is_seen_of_it(text: str, line: str) -> None:
    assert one_line(text) == line


def test_code_keeps_its_tabs_and_its_slices() -> None:
    assert code_line("+\tx = y[a ::2]") == "+\tx = y[a ::2]"
    assert code_line(" ::error::x\t") == " \\x3a:error::x\t"


@given(ANY)
def test_json_means_the_same(text: str) -> None:
    for ascii_only in (True, False):
        made = json_text(json.dumps({"a": text}, ensure_ascii=ascii_only, indent=1))
        assert json.loads(made) == {"a": text}
        assert not hidden(made)
        assert not commands(made)


@given(ANY)
def test_markdown_has_nothing_but_text_in_it(text: str) -> None:
    """What is not behind a backslash has no meaning to Markdown."""
    made = markdown(text)
    assert not hidden(made)
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", made)
    assert not re.search(r"[`*_\[\]<>|~&$\\]|://", bare)
    assert not re.match(r"\s|[#+\-=]|\d+[.)]", made)


def test_markdown_of_what_forges() -> None:
    assert markdown("a | ![x](https://e.org)") == r"a \| !\[x\](https\://e.org)"
    assert markdown("<b>`c`</b> __init__.py") == r"\<b\>\`c\`\</b\> \_\_init\_\_.py"
    assert markdown("1. # - x") == r"1\. # - x"
    assert markdown(EVIL).count("\n") == 0


def test_every_code_point_that_is_hidden_is_escaped() -> None:
    left = [code for code in range(sys.maxunicode + 1) if hidden(one_line(chr(code)))]
    assert left == []


def test_a_figure_in_a_cell_of_markdown_stays_as_it_is() -> None:
    assert markdown_cell("4.0000 to 5.0") == "4.0000 to 5.0"
    assert markdown_cell("a | <b>") == r"a \| \<b\>"
