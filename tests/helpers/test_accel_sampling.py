"""IndexTTS's accelerated engine draws as transformers does: `accel_sampling_trials.py`, on its own code.

Needs TTSOPT_UPSTREAMS and TTSOPT_PYTHON_INDEX_TTS (docs/environments.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from helper_trials import reported
from upstream_views import ENVIRONMENT, lay_out

pytestmark = pytest.mark.upstream


def test_the_engine_draws_what_transformers_would(tmp_path: Path) -> None:
    lay_out("index-tts", "HEAD", tmp_path, only=[".py"])
    trials = Path(__file__).with_name("accel_sampling_trials.py")
    tried = reported("TTSOPT_PYTHON_INDEX_TTS", trials, tmp_path, environment=ENVIRONMENT)
    wrong = {name: told for name, told in tried["wrong"].items() if told}
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
