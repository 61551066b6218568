"""The command line of the sample synthesiser."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sample_tts", *arguments]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def test_the_command_line_writes_a_wav_of_what_it_says(checkout: Path, tmp_path: Path) -> None:
    output = tmp_path / "hello.wav"
    result = run(checkout, "Hello.", "-o", str(output), "--nfe_step", "4")
    assert result.returncode == 0, result.stderr
    with wave.open(str(output)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        seconds = file.getnframes() / 16000
        assert any(file.readframes(file.getnframes()))
    assert 0.4 < seconds < 1.5
    assert f"{seconds:.2f} s of speech" in result.stdout


def test_the_command_line_says_so_where_there_is_nothing_to_say(
    checkout: Path, tmp_path: Path
) -> None:
    result = run(checkout, "?!", "-o", str(tmp_path / "none.wav"))
    assert result.returncode == 1
    assert "nothing to say" in result.stdout
    assert not (tmp_path / "none.wav").exists()
