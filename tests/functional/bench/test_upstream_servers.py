"""Upstream's own servers on random weights, tiny, on loopback.

TTSOPT_UPSTREAMS has the clones; TTSOPT_PYTHON_* are interpreters as docs/environments.md makes them. What servers
import beside (docs/serving.md) is in these interpreters, or in a folder on PYTHONPATH.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cli_driver import Cli
from upstream_views import needed

# The clone's folder, the modules of the server, and whether it was made to stream.
SERVERS = {
    "gpt-sovits": ("GPT-SoVITS", "fastapi, uvicorn", True),
    "cosyvoice": ("CosyVoice", "fastapi, uvicorn, multipart", False),
    "f5-tts": ("F5-TTS", "gradio, click, cached_path", False),
}


@pytest.mark.upstream
@pytest.mark.parametrize("system", SERVERS)
def test_upstream_s_own_server_answers_with_sound(cli: Cli, system: str) -> None:
    folder, modules, streams = SERVERS[system]
    checkout = Path(needed("TTSOPT_UPSTREAMS")) / folder
    python = needed(f"TTSOPT_PYTHON_{system.upper().replace('-', '_')}")
    has = subprocess.run([python, "-c", f"import {modules}"], capture_output=True, check=False)
    if has.returncode:
        pytest.skip(f"{python} lacks one of {modules}")
    stream = ("--stream",) if streams else ()
    few = ("--requests", "2", "--rounds", "1", "--concurrency", "2", "--threads", "1", *stream)
    patient = ("--request-timeout", "600", "--time-limit", "3600", "--json")
    answer = cli("bench", checkout, "--aa", "--serve", "--python", python, *few, *patient)
    assert answer.code == 0, answer.envelope["errors"]
    assert answer.data["system"] == system
    (level,) = answer.data["levels"]
    for side in ("before", "after"):
        assert (level[side]["answered"], level[side]["failures"]) == (2, {})
        assert level[side]["cpu_seconds"] > 0
