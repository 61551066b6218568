"""The report of a measurement as a terminal shows it, and the errors of all commands, in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor, measured, reported

from ttsopt.cli import chinese
from ttsopt.cli.cells import cells
from ttsopt.cli.chinese import translated
from ttsopt.cli.show_bench import show_bench
from ttsopt.cli.show_tune import show_measured
from ttsopt.domain.measurement import GateResult, Side
from ttsopt.errors import TtsoptError
from ttsopt.operations.tune.model import Chosen, Job, Kind, Measured

PACKAGE = Path(chinese.__file__).parents[1]
KINDS: list[type[TtsoptError]] = [TtsoptError, *TtsoptError.__subclasses__()]
ERRORS = {row.__name__ for row in KINDS}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Words of the field, of the system's own, and names of options: they stay.
STAY = re.compile(r"^ ?(RTFx?\b|tts 1\.0|stub|\S+ +[\d.]+|.*Python)")


@pytest.fixture
def _zh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTSOPT_LANG", "zh")


@pytest.mark.usefixtures("_zh")
def test_the_report_of_a_benchmark_is_chinese(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    walls = {Side.BEFORE: [4.0, 4.1, 3.9, 4.0, 4.0], Side.AFTER: [2.0, 2.0, 2.1, 2.0, 1.9]}
    gates = (
        GateResult("min-speedup", "at least 1.5x", "1.9 to 2.1x", passed=True),
        GateResult("max-memory", "at most 100 MiB", "this platform does not say", passed=None),
    )
    result = measured(tmp_path, FakeExecutor(walls), rounds=5)
    show_bench(reported(result, gates, busy="the load average was 9.0 on 2 cores: RTF and seconds are those of a busy machine", noise_floor=0.04), rtf=True)  # fmt: skip  # noqa: E501
    lines = [line for line in capfd.readouterr().out.split("\n") if re.search("[A-Za-z]{4}", line)]
    assert [line for line in lines if not CHINESE.search(line) and not STAY.search(line)] == []
    assert any("门限 min-speedup：通过：至少 1.5x" in line for line in lines)
    assert any(line.startswith("RTF") and "更快：" in line for line in lines)


@pytest.mark.usefixtures("_zh")
def test_a_comparison_of_tune_is_chinese_in_80_columns(capfd: pytest.CaptureFixture[str]) -> None:
    job = Job(Kind.SELECT, (), (Chosen("sample/folded-weight-norm"),), turn=1)
    row = Measured("faster", 1.28, 1.12, 1.46, rounds=18)
    show_measured(job, row, quiet=False)
    said = capfd.readouterr().out
    assert said == "叠加       sample/folded-weight-norm，续测  更快 1.28x（1.12 到 1.46），18 轮\n"
    assert max(map(cells, said.split("\n"))) <= 80


def _text(node: ast.expr, known: Mapping[str, str]) -> str:
    """A string of the source, its fields as one word each; empty where it is made elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            parts = (row.value if isinstance(row, ast.Constant) else "xy" for row in values)
            return "".join(map(str, parts))
        case ast.Name(id=name):
            return known.get(name, "")
    return ""


def _sentences(tree: ast.Module) -> Iterator[str]:
    """Messages and hints of the errors that a module raises."""
    for body in ast.walk(tree):
        if not isinstance(body, ast.FunctionDef):
            continue
        nodes = list(ast.walk(body))
        known = {
            row.targets[0].id: _text(row.value, {})
            for row in nodes
            if isinstance(row, ast.Assign) and isinstance(row.targets[0], ast.Name)
        }
        for row in nodes:
            if isinstance(row, ast.Call) and ast.unparse(row.func) in ERRORS:
                yield from (_text(one, known) for one in row.args[1:3])


def test_nineteen_of_twenty_errors_and_hints_have_a_translation() -> None:
    """Add what is listed here to src/ttsopt/locale/zh_CN.po, as far as it is a sentence of its own."""
    files = [row for row in PACKAGE.rglob("*.py") if "in_target" not in row.parts]
    trees = (ast.parse(file.read_bytes()) for file in files)
    found = {row for tree in trees for row in _sentences(tree) if re.search("[a-z]{3} [a-z]", row)}
    missing = sorted(row for row in found if not CHINESE.search(translated(row)))
    assert len(found) > 300
    assert len(missing) <= len(found) // 20, missing
