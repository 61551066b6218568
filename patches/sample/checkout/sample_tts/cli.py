"""Command line: text in, WAV out."""

from __future__ import annotations

import argparse
import time
from typing import Sequence

from sample_tts.acoustic import NFE_STEP
from sample_tts.api import REFERENCE_VOICE, SampleTTS
from sample_tts.audio import SAMPLE_RATE, write_wav


def main(argv: Sequence[str] | None = None) -> int:
    """Speak the text of the command line; returns the exit code."""
    options = _parser().parse_args(argv)
    tts = SampleTTS(options.voice)
    started = time.perf_counter()
    samples = tts.speak(options.text, seed=options.seed, nfe_step=options.nfe_step)
    wall = time.perf_counter() - started
    if not samples:
        print("nothing to say in this text")
        return 1
    write_wav(options.output, samples)
    audio = len(samples) / SAMPLE_RATE
    print(f"{options.output}: {audio:.2f} s of speech in {wall:.2f} s, RTF {wall / audio:.3f}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sample-tts", description=__doc__)
    parser.add_argument("text")
    parser.add_argument("-o", "--output", default="speech.wav")
    parser.add_argument("--voice", default=REFERENCE_VOICE, help="16 kHz mono WAV to sound like")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nfe_step", type=int, default=NFE_STEP, help="steps of the flow solver")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
