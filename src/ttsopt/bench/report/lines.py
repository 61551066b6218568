"""The sentences of a report: speed, counters, outputs, evidence, gates, limits of the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ttsopt.bench.report.heard import heard_lines
from ttsopt.bench.report.model import Section
from ttsopt.bench.report.words import mib, ratio

Data = Mapping[str, Any]


def sections(data: Data) -> tuple[Section, ...]:
    """Make the sections that have anything to say."""
    made = (
        Section("Ratios", tuple(_ratios(data))),
        Section("Counters and model", (*_counters(data), *_model(data))),
        Section("Output", (*output_lines(data), *heard_lines(data))),
        Section("Evidence", tuple(_evidence(data))),
        Section("Gates", tuple(gate_lines(data))),
        Section("Profile", tuple(_profiles(data))),
        Section("Limits of these figures", tuple(_limits(data))),
    )
    return tuple(section for section in made if section.lines)


def _ratios(data: Data) -> Iterator[str]:
    """Ratios beside the speedup. That of CPU time is the steadier one on one thread."""
    if cpu := data["cpu_speedup"]:
        yield f"CPU time {cpu['verdict']}: {ratio(cpu)}"
    if load := data["load_ratio"]:
        yield f"loading and warm-up, after / before: {ratio(load)}"
    if hot := data["hot_cache"]:
        yield f"hot, apart from the verdict: {ratio(hot['speedup'])}"


def _counters(data: Data) -> Iterator[str]:
    """Counts of the workload, and times within its calls; of each side's first round."""
    for name, old in data["before"]["counters_per_call"].items():
        new = data["after"]["counters_per_call"].get(name)
        if new is None:
            continue
        stage, _, unit = name.rpartition("_")
        if unit == "seconds":
            yield f"stage {stage}, a call: {old['mean']:.3f} s -> {new['mean']:.3f} s"
        else:
            mean = "" if old["steady"] and new["steady"] else ", mean of calls"
            yield f"counted {name}{mean}: {old['mean']:g} -> {new['mean']:g}"


def _model(data: Data) -> Iterator[str]:
    """Yield facts of the model as built: once where both sides agree."""
    before, after = data["before"]["model"], data["after"]["model"]
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, "?"), after.get(name, "?")
        yield f"model {name}: {old}" + ("" if old == new else f" -> {new}")


def output_lines(data: Data, unit: str = "round") -> Iterator[str]:
    """Yield a line for each output of both sides, and for each new defect; `unit` is what they are numbered by."""
    for output in data["outputs"]:
        facts = "equal bits" if output["equal"] else f"different, {', '.join(_facts(output, unit))}"
        yield f"output {output['id']}: {facts}"
        yield from (
            f"output {output['id']}, new after: {defect}" for defect in output["new_defects"]
        )


def _facts(output: Data, unit: str) -> Iterator[str]:
    yield f"duration x {output['duration_ratio']:.3f}"
    if output["token_agreement"] is not None:
        yield f"{output['token_agreement']:.1%} of tokens equal"
    if output["snr_db"] is not None:
        yield f"SNR {output['snr_db']:.1f} dB"
    if output["mel_db"] is not None:
        yield f"log-mel {output['mel_db']:.2f} dB apart, {output['mel_db_worst']:.2f} at worst"
    if output["max_difference"] is not None:
        yield f"largest difference {output['max_difference']:.3g}"
    yield from output["changed_work"]
    yield f"worst in {unit} {output['round']}"
    unsteady = [side for side, same in output.get("repeatable", {}).items() if same is False]
    if unsteady:
        yield f"not repeatable against itself: {', '.join(unsteady)}"


def _evidence(data: Data) -> Iterator[str]:
    idle = [edit for edit in data["exercised"] if not edit["executed"]]
    # Several edits of one statement are one thing to read.
    yield from dict.fromkeys(
        f"not run by this workload: {edit['patch']} at {edit['path']}:{edit['line']}"
        for edit in idle
    )
    yield from data["unmet"]
    for edit in data["untraced"]:
        yield f"not traced: {edit['patch']} changes {edit['path']}, and no line of that can be seen to run"
    for patch in data["never_run"]:
        yield f"NOT EXERCISED: no edit of {patch} ran; the figures say nothing about it"


def gate_lines(data: Data) -> Iterator[str]:
    """Yield a line for each gate, and how undecided ones count."""
    for gate in data["gates"]:
        outcome = "FAILED" if gate["outcome"] == "failed" else gate["outcome"]
        yield f"gate {gate['name']}: {outcome}: {gate['asked']}; {gate['measured']}"
    is_open = any(gate["outcome"] == "undecided" for gate in data["gates"])
    if is_open and data["undecided"] != "exit 4":
        yield f"undecided gates count as asked: {data['undecided']}"


def _profiles(data: Data) -> Iterator[str]:
    """The slowest functions and operators of either side, and the files with all of them."""
    for profile in data["profiles"]:
        yield f"profile of one call, {profile['side']}: {', '.join(profile['files'])}"
        for row in profile["functions"][:5]:
            where = f"{row['function']} ({row['file']}:{row['line']})"
            yield f"  {row['own_seconds']:.3f} s in {where}, {row['calls']} calls"
        for row in profile["operators"][:5]:
            yield f"  {row['own_seconds']:.3f} s in {row['operator']}, {row['calls']} calls"
        stages = (f"{stage} {mib(size)}" for stage, size in profile["memory"].items())
        yield f"  resident MiB: {', '.join(stages)}"


def _limits(data: Data) -> Iterator[str]:
    rounds = data["speedup"]["rounds"]
    if data["noise_floor"] is not None:
        floor = f"{data['noise_floor']:.1%}" if data["noise_floor"] < 1 else "100%"
        yield f"noise floor: a run as long as this could not tell {floor} from nothing"
    yield from _resident(data["resident"])
    if data["busy"]:
        yield data["busy"]
    if data["interrupted"]:
        yield f"interrupted: {rounds} complete rounds count"
    if data["failure"]:
        yield f"failed: {rounds} complete rounds count; {'; '.join(data['failure'].splitlines())}"
    if data["quality_unverified"]:
        yield "quality unverified: random weights show how fast, not how good"
    for line in data["bad_audio"]:
        yield f"after side: {line}"
    for line in data["stubs"]:
        yield f"stub: {line}"


def _resident(data: Data | None) -> Iterator[str]:
    if data is None:
        return
    pairs = " and ".join(ratio(row, rounds=True) for row in data["pairs"])
    yield f"resident: processes that stay loaded, a new text a round in turn; by pair of processes: {pairs}"
    yield (
        f"a verdict needs two pairs that agree, both beyond the noise floor of {data['floor']:.1%}; "
        "what one process brings by itself is not in the interval, loading and warm-up are not measured"
    )
