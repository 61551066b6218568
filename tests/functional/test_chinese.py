"""Chinese and English: the same commands, the same data, other words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from cli_driver import Cli

from ttsopt.cli import chinese
from ttsopt.cli.cells import cells
from ttsopt.cli.chinese import FIELD, translated
from ttsopt.cli.main import COMMANDS, make_app
from ttsopt.cli.po_file import read_po

PACKAGE = Path(chinese.__file__).parents[1]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def zh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTSOPT_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("zh")
def test_the_screens_of_a_checkout_are_chinese(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample)
    assert "已打上：无\n" in cli().out
    listed = cli("list", ".").out
    assert "sample/ 开头\n" in listed
    assert "适用\n" in listed
    assert "补丁" in cli("list").out
    applied = cli("apply").out
    assert "  已打上：sample_tts/vocoder.py\n" in applied
    assert "请重启服务" in applied
    assert "  ttsopt rollback     撤下它\n" in applied
    assert "  已打上     sample_tts/api.py\n" in cli("status").out
    assert "每个文件都与从前一样\n" in cli("rollback").out


@pytest.mark.usefixtures("zh")
def test_a_table_is_padded_by_columns(cli: Cli, sample: Path) -> None:
    rows = cli("list", sample).out.split("\n")[3:8]
    places = {cells(row[: re.search(r" (效果|exact|lossy) ", row).start()]) for row in rows}  # type: ignore[union-attr]
    assert len(places) == 1


@pytest.mark.usefixtures("zh")
@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS)], ids=" ".join)
def test_help_is_chinese_and_fits_80_columns(cli: Cli, arguments: tuple[str, ...]) -> None:
    answer = cli(*arguments, "--help")
    assert answer.code == 0
    assert answer.out.startswith("用法：")
    assert "选项：\n" in answer.out
    assert max(map(cells, answer.out.split("\n"))) <= 80


@pytest.mark.usefixtures("zh")
def test_errors_are_chinese_with_the_same_code(cli: Cli, sample: Path) -> None:
    answer = cli("rollback", sample, "-p", "sample/nfe-step")
    assert answer.code == 2
    assert answer.err == "ttsopt: sample/nfe-step 没有打上\n  这里打上的：无。\n"
    assert cli("bench", "--nonsense").err.startswith("ttsopt: 没有选项 --nonsense")


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("list", "SAMPLE"),
        ("show", "sample/nfe-step"),
        ("apply", "SAMPLE", "--dry-run"),
        ("status", "SAMPLE"),
        ("rollback", "SAMPLE", "-p", "x"),
        ("--nonsense",),
    ],
    ids=" ".join,
)
def test_json_is_the_same_in_both(
    cli: Cli, sample: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [str(sample) if word == "SAMPLE" else word for word in arguments]
    english = cli(*words, "--json")
    monkeypatch.setenv("TTSOPT_LANG", "zh")
    answer = cli(*words, "--json")
    assert (answer.code, answer.out) == (english.code, english.out)


@pytest.mark.parametrize(
    ("variables", "is_chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LC_MESSAGES": "zh_CN.GB18030"}, True),
        ({"LC_ALL": "zh_Hans_CN"}, True),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, False),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, True),
        ({"TTSOPT_LANG": "en", "LANG": "zh_CN.UTF-8"}, False),
        ({"TTSOPT_LANG": "ZH-CN", "LANG": "C"}, True),
        ({"LANG": "zh_TW.UTF-8"}, False),
        ({"LANG": "zh_CN/../../../etc/passwd"}, False),
        ({"TTSOPT_LANG": "../../zh_CN"}, False),
        ({"TTSOPT_LANG": "zh\n::error::"}, False),
        ({"LANG": "z" * 100_000}, False),
        ({"TTSOPT_LANG": "{reason!t}"}, False),
    ],
)
def test_the_first_variable_decides_and_a_strange_one_means_english(
    cli: Cli, variables: dict[str, str], is_chinese: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TTSOPT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert bool(CHINESE.search(cli("status", "--help").out)) is is_chinese


def test_a_stream_without_chinese_letters_gets_english() -> None:
    variables = {
        "TTSOPT_LANG": "zh",
        "PYTHONIOENCODING": "latin-1",
        "PYTHONPATH": str(PACKAGE.parent),
    }
    command = [sys.executable, "-m", "ttsopt", "status", "--help"]
    said = subprocess.run(command, env=variables, capture_output=True, check=True).stdout
    assert said.startswith(b"Usage: ")


def test_english_loads_nothing_of_it() -> None:
    variables = {"LANG": "C.UTF-8", "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-X", "importtime", "-m", "ttsopt", "--help"]
    said = subprocess.run(command, env=variables, capture_output=True, check=True).stderr.decode()
    assert "ttsopt.cli.language" in said
    for module in ("ttsopt.cli.chinese", "ttsopt.cli.po_file", "ttsopt.catalog.translation"):
        assert module not in said


@pytest.mark.usefixtures("zh")
def test_without_its_file_it_is_english(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chinese, "FILE", tmp_path / "none.po")
    chinese._translations.cache_clear()
    answer = cli("status", "--help")
    chinese._translations.cache_clear()
    assert answer.code == 0
    assert answer.out.startswith("Usage: ")


def _texts(command: Any) -> set[str]:
    """The help of a command, its options and those within it, and the defaults that are words."""
    rows = {command.help or ""}
    for option in command.params:
        shown = getattr(option, "show_default", None)
        rows |= {getattr(option, "help", None) or "", shown if isinstance(shown, str) else ""}
    for inner in getattr(command, "commands", {}).values():
        rows |= _texts(inner)
    return {" ".join(row.split()) for row in rows}


def test_every_help_string_has_a_translation() -> None:
    """Add what is listed here to src/ttsopt/locale/zh_CN.po."""
    texts = _texts(typer.main.get_command(make_app("")))
    sentences = {
        row for row in texts if " " in row
    }  # a default of one word is a value, as it is typed
    missing = sorted(row for row in sentences if not CHINESE.search(translated(row)))
    assert missing == []


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z][A-Za-z'-]+", text)


def _source() -> str:
    """The words of every string in ttsopt's own source, and in that of typer."""
    files = [*PACKAGE.rglob("*.py"), *Path(typer.__file__).parent.rglob("*.py")]
    trees = (ast.parse(file.read_bytes()) for file in files)
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return "\n".join(
        f" {' '.join(_words(node.value))} " for node in nodes if isinstance(node.value, str)
    )


# Words of two strings that a line is made of.
MEET = {
    *(
        "requires an",
        "device cpu",
        "device cuda",
        "time on",
        "lossy takes",
        "close takes",
        "unmeasured here",
    ),
    *(
        "unproven here",
        "costs here",
        "problem found",
        "problems found",
        "from huggingface",
        "from modelscope",
    ),
    *("went from", "go from", "number from"),
}


def test_every_message_that_is_translated_is_one_still() -> None:
    """A message was reworded: change its id in zh_CN.po, and the translation where the sense has changed."""
    source = _source()
    gone = []
    for english in _entries():
        parts = [_words(part) for part in re.split(r"\{\w+\}|[^\w\s'-]", english)]
        pairs = [" ".join(pair) for words in parts for pair in pairwise(words)]
        singles = [words[0] for words in parts if len(words) == 1]
        known = all(f" {pair} " in source for pair in {*pairs, *singles} - MEET)
        gone += [] if known else [english]
    assert gone == []


def _entries() -> dict[str, str]:
    return read_po((PACKAGE / "locale" / "zh_CN.po").read_text("utf-8"))


def test_translations_are_well_formed() -> None:
    text = (PACKAGE / "locale" / "zh_CN.po").read_text("utf-8")
    assert (
        len(_entries()) == text.count("\nmsgid ") - 1
    )  # the header has none; no id twice, none unread
    for english, chinese_text in _entries().items():
        fields = {row[0] for row in FIELD.findall(english)}
        assert {row[0] for row in FIELD.findall(chinese_text)} == fields, english
        assert not re.search(r"\{\w+\}\{", english), f"two fields with nothing between: {english}"
        literals = FIELD.split(english)[::3]
        assert len("".join(_words(" ".join(literals)))) >= 2, f"it could be any line: {english}"
        assert re.findall(r"`ttsopt[^`{]*", english) == re.findall(
            r"`ttsopt[^`{]*", chinese_text
        ), english


@pytest.mark.usefixtures("zh")
def test_show_and_the_end_of_apply_have_the_texts_of_patches(cli: Cli, sample: Path) -> None:
    said = cli("show", "sample/nfe-step").out
    assert "有依据，用于 cpu, cuda：" in said
    assert not re.search("^The acoustic model", said, re.MULTILINE)
    assert re.search(
        r"sample/folded-weight-norm: 有依据：[\u4e00-\u9fff]", cli("apply", sample).out
    )


@pytest.mark.usefixtures("zh")
def test_a_catalogue_of_ones_own_without_chinese_is_english(cli: Cli, tmp_path: Path) -> None:
    home = tmp_path / "sample" / "own"
    home.mkdir(parents=True)
    text = (PACKAGE.parents[1] / "patches/sample/nfe-step/patch.toml").read_text("utf-8")
    (home / "patch.toml").write_text(text.replace("sample/nfe-step", "sample/own"), "utf-8")
    said = cli("show", "sample/own", "--catalog", tmp_path).out
    assert "版本 1：Fewer function evaluations" in said


def test_a_sentence_about_a_version_is_not_taken_for_a_patch_of_one() -> None:
    assert translated("sample/nfe-step version 3") == "sample/nfe-step，版本 3"
    sentence = "put an older version there"
    assert translated(sentence) == sentence
    assert translated("costs: a {path} that was deleted") == "代价：a {path} that was deleted"


def test_what_a_line_says_of_its_own_is_not_translated() -> None:
    assert translated("nothing was deleted, and stays so") == "nothing 已被删除，保持不变"
    assert translated("  note: nothing to do") == "  注意：没有要做的"


def test_a_po_file_is_read_as_gettext_writes_it() -> None:
    text = (
        '# a note\nmsgid ""\nmsgstr "Language: zh\\n"\n\n'
        'msgid ""\n"say \\"it\\" "\n"twice"\nmsgstr "说两\\n遍 \\\\"\n\n'
        '#, fuzzy\nmsgid "doubtful"\nmsgstr "存疑"\n\nmsgid "open"\nmsgstr ""\n\n#~ msgid "old"\n#~ msgstr "旧"\n'
    )
    assert read_po(text) == {'say "it" twice': "说两\n遍 \\"}
