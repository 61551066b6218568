"""What holds for every test: no state of the user's own is read or written, and ttsopt speaks English."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that copies of originals go to in this test."""
    folder = tmp_path_factory.mktemp("state-home")
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(folder))
    monkeypatch.setenv("TTSOPT_LANG", "en")  # whatever the language of who runs them is
    return folder
