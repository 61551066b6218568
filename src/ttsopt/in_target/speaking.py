"""The one who speaks in a worker, for every task that does. Loaded by worker.py."""

from __future__ import annotations

import os
from typing import Any, Dict, List

import _ttsopt_kept as kept
import _ttsopt_outputs as outputs
import _ttsopt_timing as timing

Job = Dict[str, Any]
Result = Dict[str, Any]


class Speaker:
    """Speaks what the controller sends, and writes down what came out."""

    def __init__(self, speak: Any, wait: Any, texts: Any, seed: int, control: str) -> None:
        self.speak, self.wait, self.texts = speak, wait, texts
        self.seed, self.control = seed, control

    def speak_all(self, scenario: Job, folder: str) -> Result:
        """One scenario: the rows of its utterances, and the seconds of the whole where several speak at once."""
        ids, concurrency = scenario["speak"], scenario["concurrency"]
        if concurrency > 1:
            # What a helper counts meanwhile is of several calls.
            calls, wall, cpu = timing.at_once(
                self.speak, self.wait, self.text(ids), self.seed, concurrency
            )
            rows = [self.written(call, folder) for call in calls]
            return {"utterances": rows, "whole": [wall, cpu]}
        rows = [self.one_by_one(id_, folder) for id_ in ids]
        return {"utterances": rows, "whole": None}

    def one_by_one(self, id_: str, folder: str) -> Result:
        """The row of one call, with what helpers counted during it."""
        before = kept.counts()
        call = timing.timed(self.speak, self.wait, self.text([id_]), self.seed)
        row = self.written(call, folder)
        row["counters"].update(kept.since(before))
        return row

    def text(self, ids: List[str]) -> Any:
        """The way on which these texts come."""
        return timing.Text(lambda: self.texts.ask(ids), self.texts.spoken)

    def written(self, call: Any, folder: str) -> Result:
        """The row of one call in the result; its output is written."""
        name = "%s/%s.npy" % (folder, call.utterance["id"])
        row = {"id": call.utterance["id"], "output": name}
        row.update(wall_seconds=call.wall, cpu_seconds=call.cpu)
        row.update(outputs.write_output(os.path.join(self.control, name), call.returned))
        self.texts.last = [call.wall, call.cpu, row["audio_seconds"]]
        return row
