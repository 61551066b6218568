"""The process of a recogniser: both libraries as fakes, what is lacking, answers that are hostile."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench_fakes import npy

from ttsopt.bench.outputs.recogniser import RecogniserProcess, Recording
from ttsopt.domain.recognition import Library
from ttsopt.errors import CannotRunError

FUNASR = '''\
"""A funasr that hears how many samples there are."""
import os

print("garbage on standard output")


class AutoModel:
    def __init__(self, model, ncpu, **options):
        self.kwargs = {"init_param": os.path.join(model, "model.pt")}
        assert options == {"disable_update": True, "disable_pbar": True} and ncpu == 2
        if not os.path.isdir(model):
            raise AssertionError(model + " is not registered")

    def generate(self, input, fs):
        return [{"key": "rand", "text": "%d %s at %d" % (len(input), input.dtype, fs)}]
'''
WHISPER = '''\
"""A faster_whisper that hears what it is given, and how it is asked."""
import os, wave


class Segment:
    def __init__(self, text):
        self.text = text


class WhisperModel:
    def __init__(self, folder, device, cpu_threads, local_files_only):
        assert (device, cpu_threads, local_files_only) == ("cpu", 2, True)
        if not os.path.isfile(os.path.join(folder, "model.bin")):
            raise RuntimeError("Unable to open file model.bin")

    def transcribe(self, sound, language, beam_size, temperature, condition_on_previous_text, initial_prompt):
        assert (beam_size, temperature, condition_on_previous_text) == (5, 0.0, False)
        with wave.open(sound) as file:
            words = "%d at %d" % (file.getnframes(), file.getframerate())
        offline = os.environ["HF_HUB_OFFLINE"]
        return iter([Segment(words), Segment(" %s %s %s" % (language, initial_prompt, offline))]), None
'''
TENTH = 2400  # samples of 0.1 s


@dataclass
class Place:
    """A folder with fake libraries, a model and sounds."""

    folder: Path

    def recogniser(self, funasr: str = FUNASR, **changes: object) -> RecogniserProcess:
        site = self.folder / "site"
        site.mkdir()
        (site / "faster_whisper.py").write_text(WHISPER, encoding="utf-8")
        (site / "funasr.py").write_text(funasr, encoding="utf-8")
        (self.folder / "model").mkdir()
        (self.folder / "model" / "model.pt").touch()
        (self.folder / "model" / "model.bin").touch()
        given = {"model": self.folder / "model", "threads": 2} | changes
        variables = {**os.environ, "PYTHONPATH": str(site)}
        python = Path(sys.executable)
        return RecogniserProcess(python, self.folder / "new", inherited=variables, **given)  # type: ignore[arg-type]

    def sound(self, count: int, language: str | None = None, value: float = 0.5) -> Recording:
        file = self.folder / f"{count}-{value}.npy"
        file.write_bytes(npy([value] * count))
        return Recording(file, 24000, language)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_funasr_hears_each_sound_in_order(place: Place) -> None:
    heard = place.recogniser().hear([place.sound(TENTH), place.sound(TENTH + 1), place.sound(3)])
    assert heard == ["2400 float32 at 24000", "2401 float32 at 24000", ""]


def test_whisper_writes_simplified_characters_without_chance_or_network(place: Place) -> None:
    sounds = [place.sound(TENTH, "zh"), place.sound(TENTH + 1, value=float("nan")), place.sound(3)]
    heard = place.recogniser(library=Library.FASTER_WHISPER).hear(sounds)
    assert heard == [
        "2400 at 24000 zh 以下是普通话的句子。 1",
        "2401 at 24000 None None 1",
        "",
    ]


def test_it_is_loaded_without_a_sound_and_asked_again(place: Place) -> None:
    recogniser = place.recogniser()
    assert recogniser.hear([]) == []
    assert recogniser.hear([place.sound(TENTH)]) == ["2400 float32 at 24000"]


@pytest.mark.skipif(sys.platform == "win32", reason="a library file of its own kind")
def test_torchaudio_that_was_built_for_another_torch_serves_all_the_same(place: Place) -> None:
    """The stub that workloads have: its C extension is left out."""
    recogniser = place.recogniser("import torchaudio\n" + FUNASR)
    package = place.folder / "site" / "torchaudio"
    (package / "_extension").mkdir(parents=True)
    (package / "__init__.py").write_text("import torchaudio._extension\n")
    (package / "_extension" / "__init__.py").write_text(
        "from .utils import _load_lib\n"
        "if _load_lib('libtorchaudio'):\n    raise OSError('libtorchaudio.so: undefined symbol')\n"
    )
    (package / "_extension" / "utils.py").write_text("def _load_lib(name):\n    return True\n")
    assert recogniser.hear([place.sound(TENTH)]) == ["2400 float32 at 24000"]


@pytest.mark.parametrize(
    ("library", "hint"),
    [(Library.FUNASR, "ttsopt[funasr]"), (Library.FASTER_WHISPER, "pip install faster-whisper")],
)
def test_a_missing_module_is_named_with_what_to_install(
    place: Place, library: Library, hint: str
) -> None:
    missing = "raise ModuleNotFoundError('no', name='torchaudio')"
    recogniser = place.recogniser(missing, library=library)
    (place.folder / "site" / "faster_whisper.py").write_text(missing)
    with pytest.raises(CannotRunError, match="has no module torchaudio") as caught:
        recogniser.hear([])
    assert caught.value.code == "module-missing"
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("library", "spoilt", "words"),
    [
        (Library.FUNASR, "model.pt", "FunASR loaded no weights"),
        (Library.FASTER_WHISPER, "model.bin", "RuntimeError: Unable to open file model.bin"),
    ],
)
def test_a_folder_without_a_model_is_said_with_what_to_do(
    place: Place, library: Library, spoilt: str, words: str
) -> None:
    recogniser = place.recogniser(library=library)
    (place.folder / "model" / spoilt).unlink()
    with pytest.raises(CannotRunError, match=words) as caught:
        recogniser.hear([])
    assert caught.value.code == "no-recogniser-model"
    assert f"--recogniser-model {library.value}:DIR" in caught.value.hint


def test_without_a_folder_and_without_network_it_says_so(place: Place) -> None:
    with pytest.raises(CannotRunError, match="no folder with a model was named") as caught:
        place.recogniser(model=None).hear([])
    assert caught.value.code == "no-recogniser-model"
    assert (
        "without network: AssertionError: paraformer-zh is not registered" in caught.value.message
    )
    assert "--recogniser-model funasr:DIR" in caught.value.hint


@pytest.mark.parametrize(
    ("funasr", "words"),
    [
        (FUNASR.replace("return", "raise OSError('disk');"), "OSError: disk"),
        ("import os, sys; sys.stderr.write('last words'); os._exit(3)", "status 3"),
        ("import time; time.sleep(60)", "took too long"),
    ],
    ids=["error", "dead", "hung"],
)
def test_a_failure_says_what_happened(
    place: Place, monkeypatch: pytest.MonkeyPatch, funasr: str, words: str
) -> None:
    monkeypatch.setattr("ttsopt.bench.outputs.recogniser.SECONDS_A_SOUND", 0.0)
    limit = 1.0 if "sleep" in funasr else 60.0
    with pytest.raises(CannotRunError, match=words) as caught:
        place.recogniser(funasr, time_limit=limit).hear([place.sound(TENTH)])
    assert caught.value.code == "recogniser-failed"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"texts": 3}', "nonsense"),
        ('{"protocol": 1, "ok": true, "texts": {"0": "a"}}', "protocol 1"),
        ('{"protocol": 2, "ok": true}', "no text for sound 1 of 1"),
        ('{"protocol": 2, "ok": true, "texts": {"0": "%s"}}' % ("a" * 20_000), "20000 characters"),
        ("a" * 3_000_000, "left no answer to read"),
        ("[" * 100_000, "nonsense"),
    ],
    ids=["form", "protocol", "none", "long", "huge", "deep"],
)
def test_an_answer_that_makes_no_sense_is_refused(place: Place, answer: str, words: str) -> None:
    program, content = place.folder / "other.py", place.folder / "content"
    content.write_text(answer)
    program.write_text(
        f"import shutil, sys; shutil.copy({str(content)!r}, sys.argv[1] + '/result.json')"
    )
    with pytest.raises(CannotRunError, match=words) as caught:
        place.recogniser(program=program).hear([place.sound(TENTH)])
    assert caught.value.code == "recogniser-failed"


def test_an_interpreter_that_is_not_there_is_named(place: Place) -> None:
    gone = RecogniserProcess(place.folder / "no-python", place.folder / "new")
    with pytest.raises(CannotRunError, match="no-python"):
        gone.hear([])
