"""The task that records: each call under the recorder, its rows in a file. Loaded by worker.py."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Dict

import _ttsopt_recorder as recorder
import _ttsopt_rows as rows
import _ttsopt_watching as watching


class NoTorchError(RuntimeError):
    """Code that speaks without torch."""


class Recording:
    """Records calls into `folder`; `files` are those of each call, named from `control`."""

    def __init__(self, control: str, view: str, wait: Callable[[], object]) -> None:
        if "torch" not in sys.modules:
            raise NoTorchError("nothing that the checkout imports has loaded torch")
        self._recorder = recorder.Recorder(view, wait)
        self._watch = watching.Watch(self._recorder)
        self._control = control
        self.files: Dict[str, str] = {}

    def call(self, name: str, call: Callable[[], Any]) -> Any:
        """Do a call and write its recording; what it returns is what the call returned.

        Without a name nothing is written: the first call under a recorder has torch import what that takes.
        """

        def watched() -> Any:
            with self._watch.around():
                return call()

        returned, recording = self._recorder.record(watched)
        if not name:
            return returned
        recording["outside"] = {
            kind: [
                [chain, what, int(count), seconds]
                for (chain, what), (count, seconds) in seen.items()
            ]
            for kind, seen in self._watch.found.items()
        }
        recording["chains"] = self._recorder.chains.rows
        self.files[name] = "recording/%s.json" % name
        rows.write_recording(os.path.join(self._control, self.files[name]), recording)
        return returned
