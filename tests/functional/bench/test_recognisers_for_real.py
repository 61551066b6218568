"""A real recogniser on recordings, and on speech with a word lost: docs/results/recognisers.md has the figures.

TTSOPT_RECOGNISER is an interpreter with faster-whisper, TTSOPT_RECOGNISER_MODEL a folder with a model for it.
TTSOPT_UPSTREAMS names the folder of clones whose recordings are heard; espeak-ng speaks the rest.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_driver import Cli
from speech_server import Handler, speech_server

from ttsopt.bench.outputs.recogniser import RecogniserProcess
from ttsopt.bench.outputs.samples import write_npy
from ttsopt.bench.outputs.transcripts import SpokenPair, Transcript, transcribe
from ttsopt.bench.serve.playable import find_sound
from ttsopt.domain.measurement import SpokenUtterance, Utterance
from ttsopt.domain.recognition import Library
from ttsopt.domain.serving import RequestTemplate

pytestmark = pytest.mark.upstream
# What is said in recordings that come with the systems, by their own pages or examples.
RECORDINGS = {
    "CosyVoice/asset/zero_shot_prompt.wav": "希望你以后能够做的比我还好呦。",
    "F5-TTS/src/f5_tts/infer/examples/basic/basic_ref_zh.wav": "对，这就是我，万人敬仰的太乙真人。",
    "F5-TTS/src/f5_tts/infer/examples/basic/basic_ref_en.wav": (
        "Some call me nature, others call me mother nature."
    ),
    "Step-Audio-EditX/examples/fear_zh_female_prompt.wav": "我总觉得，有人在跟着我，我能听到奇怪的脚步声。",
    "Step-Audio-EditX/examples/zero_shot_en_prompt.wav": (
        "His political stance was conservative, and he was particularly close to margaret thatcher."
    ),
    "Step-Audio-EditX/examples/en_happy_prompt.wav": (
        "You know, I just finished that big project and feel so relieved. "
        "Everything seems easier and more colorful, what a wonderful feeling!"
    ),
}
WORST = 0.15
SENTENCES = (
    "The old clockmaker carried his tools home in a wooden box.",
    "A small boat drifted slowly across the quiet lake.",
    "She opened the window because the room was very warm.",
    "They planted seven apple trees behind the village school.",
    "My brother forgot his umbrella at the railway station.",
    "The teacher wrote a long sentence on the blackboard.",
    "We had bread and cheese for breakfast this morning.",
    "The children played football in the garden until sunset.",
)


def named(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set")
    return Path(value)


@pytest.fixture
def recogniser(tmp_path: Path) -> RecogniserProcess:
    python, model = named("TTSOPT_RECOGNISER"), named("TTSOPT_RECOGNISER_MODEL")
    return RecogniserProcess(
        python, tmp_path / "recogniser", Library.FASTER_WHISPER, model, 1, 3600
    )


def spoken(folder: Path, file: Path) -> SpokenUtterance:
    sound = find_sound(file.read_bytes(), (), RequestTemplate())
    path = folder / f"{file.stem}.npy"
    write_npy(path, sound.samples)
    return SpokenUtterance(file.stem, 1.0, 1.0, sound.seconds, sound.rate, "", str(path))


def test_recordings_are_heard(tmp_path: Path, recogniser: RecogniserProcess) -> None:
    upstreams = named("TTSOPT_UPSTREAMS")
    found = {
        upstreams / name: text for name, text in RECORDINGS.items() if (upstreams / name).is_file()
    }
    assert found
    pairs = [
        SpokenPair(number, Utterance(file.stem, text), None, spoken(tmp_path, file))
        for number, (file, text) in enumerate(found.items(), 1)
    ]
    rows = transcribe(pairs, recogniser)
    said = "\n".join(map(_words, rows))
    print(said)  # noqa: T201 - for docs/results/recognisers.md: pytest -s
    assert max(row.cer_after for row in rows) <= WORST, said


def _words(row: Transcript) -> str:
    return f"| {row.id} | {row.text} | {row.heard_after.strip()} | {row.cer_after:.2f} |"


@pytest.mark.skipif(sys.platform == "win32", reason="espeak-ng of a package manager")
def test_a_word_lost_by_one_server_is_found(cli: Cli, tmp_path: Path) -> None:
    """espeak-ng says each sentence whole, and without one word of it."""
    program = shutil.which("espeak-ng")
    if not program:
        pytest.skip("no espeak-ng")
    python, model = named("TTSOPT_RECOGNISER"), named("TTSOPT_RECOGNISER_MODEL")
    draw = random.Random(3)  # noqa: S311 - the word that is lost

    def say(handler: Handler, *, lossy: bool) -> None:
        words = handler.server.seen[-1].json["input"].split()
        if lossy:
            del words[draw.randrange(1, len(words) - 1)]
        command = [program, "-v", "en-us", "-s", "150", "--stdout", " ".join(words)]
        body = subprocess.run(command, capture_output=True, check=True).stdout
        handler.answer(body)

    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(SENTENCES))
    count = str(len(SENTENCES))
    asked = ("--text-file", texts, "--requests", count, "--rounds", "1", "--json")
    heard = ("--recogniser", python, "--recogniser-model", f"faster-whisper:{model}")
    gate = ("--max-cer-increase", "2")
    with (
        speech_server(lambda handler, _: say(handler, lossy=False)) as whole,
        speech_server(lambda handler, _: say(handler, lossy=True)) as lossy,
    ):
        lost = cli("bench", "--http", whole.url, lossy.url, *asked, *heard, *gate)
    assert lost.code == 1, lost.err
    print(lost.data["character_error_rate"], lost.data["gates"])  # noqa: T201
    outcomes = {row["name"]: row["outcome"] for row in lost.data["gates"]}
    assert outcomes["max-cer-increase"] == "failed"
