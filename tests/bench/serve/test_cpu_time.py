"""CPU time of servers: a ratio and a verdict of its own, whatever the clock on the wall says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ttsopt.bench.serve.answers import Answer
from ttsopt.bench.serve.data import serve_data
from ttsopt.bench.serve.gates import judge
from ttsopt.bench.serve.report import serve_report
from ttsopt.bench.serve.request import Call
from ttsopt.bench.serve.result import Block, Level, ServeResult
from ttsopt.bench.serve.spec import Load, ServeSpec
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Metric, Side, SpokenUtterance, Utterance
from ttsopt.domain.serving import RequestTemplate

# Other programs have the machine in turn: by the wall, nothing can be told.
WALLS = ((1.0, 9.0), (8.0, 1.0), (2.0, 7.0), (9.0, 2.0), (1.0, 8.0))


def block(wall: float, cpu: float | None) -> Block:
    spoken = SpokenUtterance("en", wall, 0.0, 2.0, 8000, "same", "")
    return Block((Answer("en", "Hi.", 0.0, 0.0, wall, spoken=spoken),), cpu)


def measured(cpus: Sequence[tuple[float | None, float | None]], limits: Limits) -> ServeResult:
    call = Call("own", RequestTemplate("POST", "/say"))
    spec = ServeSpec(call=call, texts=(Utterance("en", "Hi.", 0),), limits=limits)
    rows = list(zip(WALLS, cpus, strict=True))
    levels = {
        side: (Level(Load(1), tuple(block(wall[at], cpu[at]) for wall, cpu in rows)),)
        for at, side in enumerate((Side.BEFORE, Side.AFTER))
    }
    return ServeResult(spec, {Side.BEFORE: "a", Side.AFTER: "b"}, levels)


def test_it_decides_where_the_wall_cannot() -> None:
    limits = Limits(min_speedup=1.5, metric=Metric.CPU)
    result = measured([(2.0 + at / 100, 1.0) for at in range(5)], limits)
    data = serve_data(result)
    (level,) = data["levels"]
    assert (level["verdict"], level["cpu_speedup"]["verdict"]) == ("inconclusive", "faster")
    assert level["cpu_speedup"]["value"] == pytest.approx(2.02, abs=0.001)
    assert level["after"]["blocks"][0] == {"rtf": 4.5, "audio_seconds": 2.0, "cpu_seconds": 1.0}
    cells = [cell for table in serve_report(data).tables for row in table.rows for cell in row]
    assert any(cell.startswith("faster: 2.02") for cell in cells)
    gates = {row.name: row.passed for row in judge(result)}
    assert gates["min-speedup"] is True


@pytest.mark.parametrize("unknown", [None, 0.0])
def test_where_no_clock_counted_any_there_is_no_ratio(unknown: float | None) -> None:
    """Of a server that is somebody else's, or between two ticks of the clock."""
    limits = Limits(min_speedup=1.5, max_rtf=9.0, metric=Metric.CPU)
    result = measured([(2.0, unknown)] * 5, limits)
    data = serve_data(result)
    assert data["levels"][0]["cpu_speedup"] is None
    assert "of CPU time" not in [
        word for table in serve_report(data).tables for word in table.header
    ]
    gates = {row.name: row.passed for row in judge(result)}
    assert (gates["min-speedup"], gates["max-rtf"]) == (None, None)
