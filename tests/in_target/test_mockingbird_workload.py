"""MockingBird itself, with random weights. Needs its clone and an interpreter for it.

TTSOPT_UPSTREAMS is a folder with a clone called MockingBird; TTSOPT_PYTHON_MOCKINGBIRD is an interpreter as
docs/environments.md makes it.
"""

from __future__ import annotations

import array
from typing import TYPE_CHECKING, Any

import pytest
from upstream_views import ENVIRONMENT, PATCHES, edit, lay_out, needed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.in_target.conftest import Tree

pytestmark = pytest.mark.upstream

WORKLOAD = PATCHES / "mockingbird/workload.py"
CHINESE = "今天天气很好，我们一起去公园散步。"
ENGLISH = "The quick brown fox jumps over it."
NEWEST = "models/synthesizer/inference.py", "models.synthesizer.inference"
OLDER = "synthesizer/inference.py", "synthesizer.inference"
SYNTHESIZE = "    def synthesize_spectrograms("


def spoken(tree: Tree) -> list[float]:
    """The samples of the Chinese utterance of the run before."""
    content = (tree.folder / f"control{tree.runs}" / "output" / "zh.npy").read_bytes()
    return array.array(
        "f", content[128:]
    ).tolist()  # 128: the head of a 1-D .npy as outputs.py writes it


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of torch and what else all tests import: compiled once."""
    return str(tmp_path_factory.mktemp("bytecode"))


@pytest.fixture
def mockingbird(tree: Tree, bytecode: str) -> Callable[..., Any]:
    """Runs a task of the workload on the tree's view, tiny, with weights made for that revision."""
    tree.python, tree.environment = needed("TTSOPT_PYTHON_MOCKINGBIRD"), dict(ENVIRONMENT)
    tree.environment["PYTHONPYCACHEPREFIX"] = bytecode
    tree.limit = 600
    job: dict[str, Any] = {"workload": WORKLOAD, "import_paths": ["."], "seed": 3, "warmup": 0}
    job["utterances"] = [{"id": "zh", "text": CHINESE}, {"id": "en", "text": ENGLISH, "voice": 1}]

    def run(task: str = "measure", **changes: Any) -> Any:
        if not (tree.folder / "scratch" / "mockingbird-tiny" / "vocoder").exists():
            prepared = tree.run("prepare", **job).result
            if not prepared["ok"]:
                return prepared
        return tree.run(task, **job | changes).result

    return run


@pytest.mark.parametrize(
    ("revision", "synthesizer"),
    [
        ("8195a55", OLDER),  # the first with HiFi-GAN, in a folder of its own
        ("32b9755", OLDER),
        ("7c58fe0", OLDER),  # its style is added to the encoder's output
        ("4728863", OLDER),
        ("b617a87", OLDER),  # its vocoder reads a configuration that is not there, unless told
        ("74a3fc9", NEWEST),
        ("156723e", NEWEST),
        ("HEAD", NEWEST),
    ],
)
def test_it_speaks_in_stages_for_as_long_as_the_text_is(
    tree: Tree, mockingbird: Callable[..., Any], revision: str, synthesizer: tuple[str, str]
) -> None:
    lay_out("MockingBird", revision, tree.view, only=(".py", ".json"))
    result = mockingbird(files=[tree.planned(*synthesizer)])
    chinese, english = result["utterances"]
    # 6 and 9 syllables at 4.5 a second; 34 letters at 14 a second. 80 frames a second, 2 a step; a batch ends
    # with its longest text.
    assert chinese["audio_seconds"] == pytest.approx(15 / 4.5, abs=0.2)
    assert english["audio_seconds"] == pytest.approx(34 / 14, abs=0.2)
    assert chinese["counters"]["decoder_steps"] == pytest.approx(9 / 4.5 * 40, abs=4)
    assert english["counters"]["decoder_steps"] == pytest.approx(34 / 14 * 40, abs=4)
    for row in (chinese, english):
        counted = row["counters"]
        assert (row["finite"], row["silent"], row["sample_rate"]) == (True, False, 16000)
        assert counted["mel_frames"] == pytest.approx(80 * row["audio_seconds"], abs=1)
        assert counted["embeddings"] == 1
        stages = ("preprocess", "embed", "synthesize", "vocode")
        assert min(counted[f"{stage}_seconds"] for stage in stages) > 0
        spent = sum(counted[f"{stage}_seconds"] for stage in stages)
        assert 0.8 * row["wall_seconds"] < spent <= row["wall_seconds"]
    assert result["model"]["dtype"] == "torch.float32"
    assert result["model"]["frames_a_step"] == 2
    assert result["modules"][0]["file"] == str((tree.view / synthesizer[0]).resolve())


def test_it_repeats_to_the_bit_with_the_same_seed_text_and_voice_alone(
    tree: Tree, mockingbird: Callable[..., Any]
) -> None:
    lay_out("MockingBird", "HEAD", tree.view, only=(".py", ".json"))
    rows = [("a", CHINESE, 0), ("again", CHINESE, 0), ("voice", CHINESE, 1), ("text", ENGLISH, 0)]
    several = [{"id": name, "text": text, "voice": voice} for name, text, voice in rows]
    one = [row["sha256"] for row in mockingbird(utterances=several)["utterances"]]
    two = [row["sha256"] for row in mockingbird(utterances=several[1:2])["utterances"]]
    assert one[0] == one[1] == two[0]
    assert len(set(one)) == 3
    assert mockingbird(seed=4)["utterances"][0]["sha256"] != one[0]


def test_its_ends_of_sentences_are_silence_that_the_checkout_cuts_off(
    tree: Tree, mockingbird: Callable[..., Any]
) -> None:
    lay_out("MockingBird", "HEAD", tree.view, only=(".py", ".json"))
    edit(tree.view / NEWEST[0], "m = m[:, :-1]", "break")
    uneven = [{"id": "uneven", "text": "好，" + "我们一起去公园散步" * 3}]
    (row,) = mockingbird(utterances=uneven)["utterances"]
    assert row["counters"]["mel_frames"] == 2 * 2 * row["counters"]["decoder_steps"]
    assert row["counters"]["vocoder_samples"] > 0


def test_the_checkouts_own_limit_of_steps_holds(
    tree: Tree, mockingbird: Callable[..., Any]
) -> None:
    lay_out("MockingBird", "HEAD", tree.view, only=(".py", ".json"))
    edit(tree.view / NEWEST[0], "min_stop_token=5, steps=2000", "min_stop_token=5, steps=60")
    for row in mockingbird()["utterances"]:
        assert row["counters"]["decoder_steps"] == 30


def test_gradients_off_change_rounding_alone_and_both_edits_are_seen_to_run(
    tree: Tree, mockingbird: Callable[..., Any]
) -> None:
    """Not to the bit: oneDNN's LSTM, of the speaker encoder, rounds otherwise where it does not train."""
    lay_out("MockingBird", "HEAD", tree.view, only=(".py", ".json"))
    mockingbird()
    shipped = spoken(tree)
    planned = []
    for path, line, indent in (
        (NEWEST[0], SYNTHESIZE, "    "),
        ("models/encoder/inference.py", "def embed_frames_batch(frames_batch):", ""),
    ):
        edit(tree.view / path, line, f"{indent}@torch.no_grad()\n{line}")
        lines = (tree.view / path).read_text(encoding="utf-8").splitlines()
        first = lines.index(f"{indent}@torch.no_grad()") + 1
        planned.append(tree.planned(path, path[:-3].replace("/", "."), (first, first)))
    executed = mockingbird("trace", files=planned)["executed"]
    assert executed == {row["path"]: ["0"] for row in planned}
    mockingbird()
    assert spoken(tree) == pytest.approx(shipped, abs=1e-6)


def test_the_voice_that_is_asked_for_is_the_one_that_speaks(
    tree: Tree, mockingbird: Callable[..., Any]
) -> None:
    lay_out("MockingBird", "HEAD", tree.view, only=(".py", ".json"))
    first, second = (
        row["sha256"]
        for row in mockingbird(
            utterances=[
                {"id": "a", "text": CHINESE, "voice": 0},
                {"id": "b", "text": CHINESE, "voice": 1},
            ]
        )["utterances"]
    )
    own = tree.folder / "scratch" / "mockingbird-voice-1.wav"
    told = mockingbird(prompt_audio=str(own))
    assert told["utterances"][0]["sha256"] == second != first
    assert not any("hum" in text for text in told["stubs"])


def test_a_folder_of_weights_is_loaded_as_it_is_or_what_lacks_is_named(
    tree: Tree, mockingbird: Callable[..., Any]
) -> None:
    """Laid out as the published files; here with random ones of the published size."""
    lay_out("MockingBird", "HEAD", tree.view, only=(".py", ".json"))
    made = tree.run(
        "prepare", workload=WORKLOAD, import_paths=["."], size="real", utterances=[]
    ).result
    assert made["ok"]
    mockingbird(utterances=[{"id": "a", "text": CHINESE}])  # for its voice
    folder = tree.folder / "scratch" / "mockingbird-real"
    own = str(tree.folder / "scratch" / "mockingbird-voice-0.wav")
    asked = {"weights": str(folder), "prompt_audio": own}
    edit(tree.view / NEWEST[0], "min_stop_token=5, steps=2000", "min_stop_token=5, steps=40")
    result = mockingbird(**asked)
    assert result["stubs"] == []
    assert result["utterances"][1]["counters"]["decoder_steps"] <= 20
    (folder / "vocoder" / "pretrained" / "g_hifigan.pt").unlink()
    lacking = mockingbird(**asked)
    assert (lacking["ok"], lacking["error"]) == (False, "FileNotFoundError")
    assert "vocoder/pretrained/g_hifigan.pt" in lacking["message"]


def test_a_checkout_without_hifigan_is_refused_with_what_is_needed(
    tree: Tree, mockingbird: Callable[..., Any]
) -> None:
    lay_out("MockingBird", "e46cd60", tree.view, only=(".py", ".json"))
    result = mockingbird()
    assert (result["ok"], result["error"]) == (False, "UnsupportedCheckoutError")
    assert "8195a55" in result["message"]
