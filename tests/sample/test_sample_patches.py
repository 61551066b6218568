"""The patches of the sample do what they say, made here by plain text replacement.

Independent of the engine; that it makes the same of the patch files is shown by their cases.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

TEXT = "See, the sea."
EXACT = {
    "folded-weight-norm": [
        (
            "vocoder.py",
            "        self.gains = gains\n",
            (
                "        self.gains = gains\n"
                "        self._weight = weight_norm(self.directions, self.gains)\n"
            ),
        ),
        (
            "vocoder.py",
            "weight = weight_norm(self.directions, self.gains)\n        return",
            "weight = self._weight\n        return",
        ),
    ],
    "kept-speaker-embedding": [
        (
            "api.py",
            "        self.voice = Path(voice)\n",
            "        self.voice = Path(voice)\n        self._embeddings = {}\n",
        ),
        (
            "api.py",
            "        speaker = embed(self.voice)\n",
            (
                "        if self.voice not in self._embeddings:\n"
                "            self._embeddings[self.voice] = embed(self.voice)\n"
                "        speaker = self._embeddings[self.voice]\n"
            ),
        ),
    ],
    "precompiled-regex": [
        (
            "frontend.py",
            '        self.language = "en"\n',
            (
                '        self.language = "en"\n'
                "        self._lexicon = build_lexicon(LEXICON)\n"
                "        self._scanner = build_scanner(LETTER_RULES)\n"
            ),
        ),
        (
            "frontend.py",
            "lexicon = build_lexicon(LEXICON)\n        sc",
            "lexicon = self._lexicon\n        sc",
        ),
        (
            "frontend.py",
            "scanner = build_scanner(LETTER_RULES)\n        return",
            "scanner = self._scanner\n        return",
        ),
    ],
}
NFE_STEP = [
    ("acoustic.py", "NFE_STEP = 32", "NFE_STEP = 8"),
    ("api.py", "nfe_step: int = 32", "nfe_step: int = 8"),
]

Replacements = list[tuple[str, str, str]]
Patched = Callable[[Replacements], ModuleType]


@pytest.fixture
def patched(checkout: Path, tmp_path: Path, load: Callable[[Path], ModuleType]) -> Patched:
    """The package of a copy of the checkout with replacements made, each exactly once."""

    def make(replacements: Replacements) -> ModuleType:
        copy = tmp_path / "patched"
        shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for name, old, new in replacements:
            file = copy / "sample_tts" / name
            source = file.read_text(encoding="utf-8")
            assert source.count(old) == 1, (name, old)
            file.write_text(source.replace(old, new), encoding="utf-8")
        return load(copy)

    return make


def count_calls(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> list[object]:
    """A list that grows by one with every call of a function of that module."""
    original = getattr(module, name)
    calls: list[object] = []

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(module, name, counted)
    return calls


@pytest.mark.parametrize("names", [*([name] for name in EXACT), list(EXACT)], ids="+".join)
def test_exact_patches_give_the_same_bits(
    sample: ModuleType, patched: Patched, names: list[str]
) -> None:
    after = patched([edit for name in names for edit in EXACT[name]])
    assert after.api.SampleTTS().speak(TEXT, seed=3) == sample.api.SampleTTS().speak(TEXT, seed=3)


@pytest.mark.parametrize(
    ("name", "part", "function"),
    [
        ("folded-weight-norm", "vocoder", "weight_norm"),
        ("kept-speaker-embedding", "api", "embed"),
        ("precompiled-regex", "frontend", "build_lexicon"),
        ("precompiled-regex", "frontend", "build_scanner"),
    ],
)
def test_exact_patches_leave_no_repeated_work(
    sample: ModuleType,
    patched: Patched,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    part: str,
    function: str,
) -> None:
    after = patched(EXACT[name])
    calls = {}
    for label, package in (("before", sample), ("after", after)):
        calls[label] = count_calls(monkeypatch, getattr(package, part), function)
        package.api.SampleTTS().speak(TEXT, nfe_step=1)
    assert len(calls["before"]) >= 2
    assert len(calls["after"]) == 1


def test_a_kept_embedding_belongs_to_its_voice(patched: Patched, tmp_path: Path) -> None:
    after = patched(EXACT["kept-speaker-embedding"])
    frames = [[value] * 80 for value in (210.0, 500.0, 1450.0, 2480.0, 1.0, 0.05, 0.0, 3e3, 1e3)]
    high = tmp_path / "high.wav"
    after.audio.write_wav(high, after.vocoder.Vocoder().synthesise(frames, seed=2))
    tts = after.api.SampleTTS()
    first = tts.speak("No.")
    tts.voice = high
    second = tts.speak("No.")
    assert second == after.api.SampleTTS(high).speak("No.")
    assert second != first


def test_nfe_step_changes_both_defaults_and_the_work(
    patched: Patched, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = patched(NFE_STEP)
    evaluations = count_calls(monkeypatch, after.acoustic, "velocity")
    after.api.SampleTTS().speak("No.")
    assert len(evaluations) == 8
    assert after.acoustic.NFE_STEP == 8


def test_fewer_steps_stay_close_and_are_not_the_same(sample: ModuleType) -> None:
    speaker = sample.speaker.SpeakerEmbedding(110.0, 0.2, 1.0, 0.02)
    phones = [sample.frontend.Phone(name) for name in ("DH", "AX", "V", "OY", "S")]
    target = sample.acoustic.targets(phones, speaker, ".")
    many, few, one = (sample.acoustic.refine(target, 0, nfe_step) for nfe_step in (32, 8, 1))

    def first_formant_error(tracks: list[list[float]]) -> float:
        reference: list[float] = many[1]
        errors = [abs(a - b) for a, b in zip(tracks[1], reference, strict=True)]
        return sum(errors) / len(errors)

    assert 0.0 < first_formant_error(few) < 15.0
    assert first_formant_error(few) < first_formant_error(one) / 3
