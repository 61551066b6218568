"""The tasks that a request may ask for. Loaded by worker.py, which documents them."""

from __future__ import annotations

from typing import Any, Dict, List

import _ttsopt_asked as asked
import _ttsopt_breaking as breaking
import _ttsopt_evidence as evidence
import _ttsopt_facts as facts
import _ttsopt_profiling as profiling
import _ttsopt_recording as recording
import _ttsopt_serving as serving
import _ttsopt_speaking as speaking
import _ttsopt_stages as stages
import _ttsopt_timing as timing
import _ttsopt_workloads as workloads

Job = Dict[str, Any]
Result = Dict[str, Any]


def prepare(job: Job, _: str, __: Any) -> Result:
    """Task prepare."""
    workload = workloads.import_workload(job)
    with stages.at("prepare"):
        if hasattr(workload, "prepare"):
            workload.prepare(job)
    return {"stubs": list(workload.STUBS)}


def measure(job: Job, control: str, texts: Any) -> Result:
    """Tasks measure and fill."""
    workload = workloads.import_workload(job)
    speak, wait, load_seconds = workloads.load(workload, job)
    with stages.at("warmup"):
        warmup = timing.warm_up(speak, wait, job)
    with stages.at("measure"):
        first, *further = asked.scenarios(job)
        speaker = speaking.Speaker(speak, wait, texts, job["seed"], control)
        result = speaker.speak_all(first, "output")
        result["further"] = {}
        with breaking.until_enough() as enough:
            for row in further:
                spoken = speaker.speak_all(row, "output/" + row["name"])
                if enough.is_set():  # what is broken off may have come back all the same
                    break
                result["further"][row["name"]] = spoken
    loaded = {"load_seconds": load_seconds, "warmup_seconds": warmup}
    return {**loaded, **result, **workloads.about(workload, "measure")}


def trace(job: Job, control: str, texts: Any) -> Result:
    """Task trace."""
    rows: List[Result] = []
    with evidence.EditTrace(job.get("files", []), job["view"]) as edits:
        workload = workloads.import_workload(job)
        speak, wait, load_seconds = workloads.load(workload, job)
        speaker = speaking.Speaker(speak, wait, texts, job["seed"], control)
        with stages.at("trace"):
            for one in job["utterances"]:
                if not rows or not edits.is_complete:
                    rows.append(speaker.one_by_one(one["id"], "output"))
    result = {"load_seconds": load_seconds, "warmup_seconds": [], "utterances": rows}
    return {**result, "executed": edits.executed(), **workloads.about(workload, "trace")}


def profile(job: Job, control: str, texts: Any) -> Result:
    """Task profile."""
    memory = {"start": facts.resident_bytes()}
    workload = workloads.import_workload(job)
    speak, wait, load_seconds = workloads.load(workload, job)
    memory["loaded"] = facts.resident_bytes()
    with stages.at("warmup"):
        warmup = timing.warm_up(speak, wait, job)
        memory["warm"] = facts.resident_bytes()
    with stages.at("profile"):
        (first,) = texts.ask([job["utterances"][0]["id"]])
        found = profiling.profiled(lambda: speak(first, job["seed"]), control, job["view"])
        texts.spoken()
        memory["spoken"] = facts.resident_bytes()
    result = {"load_seconds": load_seconds, "warmup_seconds": warmup}
    return {
        **result,
        "profile": {**found, "memory": memory},
        **workloads.about(workload, "profile"),
    }


def record(job: Job, control: str, texts: Any) -> Result:
    """Task record."""
    workload = workloads.import_workload(job)
    speak, wait, load_seconds = workloads.load(workload, job)
    with stages.at("warmup"):
        warmup = timing.warm_up(speak, wait, job)
    with stages.at("record"):
        calls = recording.Recording(control, job["view"], wait)
        for text in job.get("warmup_utterances", [])[:1]:
            calls.call("", lambda text=text: speak(text, job["seed"]))

        def recorded(text: Any, seed: int) -> Any:
            return calls.call(text["id"], lambda: speak(text, seed))

        speaker = speaking.Speaker(recorded, wait, texts, job["seed"], control)
        (scenario,) = asked.scenarios(job)
        result = speaker.speak_all(scenario, "output")
    loaded = {"load_seconds": load_seconds, "warmup_seconds": warmup, "recordings": calls.files}
    return {**loaded, **result, **workloads.about(workload, "record")}


def serve(job: Job, control: str, _: Any) -> Result:
    """Task serve."""
    workload = workloads.import_workload(job)
    with stages.at("serve"):
        serving.serve(job, control, workload, asked.PROTOCOL)
    return {"stubs": list(workload.STUBS)}


TASKS = {
    "prepare": prepare,
    "measure": measure,
    "fill": measure,
    "trace": trace,
    "profile": profile,
    "record": record,
    "serve": serve,
}
