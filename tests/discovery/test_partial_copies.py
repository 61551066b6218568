"""Copies and forks that lack a part, or call it by another name: small trees of the shapes that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.discovery.find import find_systems
from ttsopt.domain.system import FoundSystem

SYSTEMS = load_catalogue(of=()).systems
Tree = dict[str, str]

FRONT = {"indextts/utils/front.py": "class TextNormalizer: ...\n"}
INDEX_2 = FRONT | {"indextts/infer_v2.py": "class IndexTTS2: ...\n"}
INDEX_2_5 = FRONT | {"indextts/infer_v2_5.py": "class IndexTTS2: ...\n"}
INDEX_RENAMED = FRONT | {
    "indextts/infer_vllm_v2.py": "class IndexTTS2: ...\n",
    "indextts/gpt/perceiver.py": "class PerceiverResampler: ...\n",
    "indextts/BigVGAN/models.py": "",
}
GPT_PARTS = {
    "GPT_SoVITS/TTS_infer_pack/TTS.py": "from .config import TTS_Config\n\n\nclass TTS: ...\n",
    "GPT_SoVITS/TTS_infer_pack/config.py": "class TTS_Config: ...\n",
    "GPT_SoVITS/AR/models/t2s_model.py": "",
}
VOICE = {
    "synthesizer/inference.py": "class Synthesizer: ...\n",
    "encoder/inference.py": "def embed_utterance(): ...\n",
}
HIFIGAN = {"vocoder/hifigan/inference.py": "def infer_waveform(): ...\n"}
STYLES = {"synthesizer/gst_hyperparameters.py": "class GSTHyperparameters: ...\n"}


def f5(package: str, imports: str = "") -> Tree:
    infer = f"{imports}\n\n\ndef infer_process(): ...\n\n\ndef infer_batch_process(): ...\n"
    return {
        f"{package}/infer/utils_infer.py": infer,
        f"{package}/model/cfm.py": "class CFM: ...\n",
        f"{package}/model/utils.py": "def get_epss_timesteps(): ...\n",
    }


def put(root: Path, tree: Tree) -> Path:
    for path, text in tree.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def only(root: Path, tree: Tree) -> FoundSystem:
    (found,) = find_systems(put(root, tree), SYSTEMS)
    return found


@pytest.mark.parametrize(
    ("tree", "system", "version"),
    [
        (INDEX_2, "index-tts", "2 (September 2025 or newer)"),
        (INDEX_2_5, "index-tts", "2.5 (August 2026 or newer)"),
        (INDEX_2 | INDEX_2_5, "index-tts", "2.5 (August 2026 or newer)"),
        (INDEX_RENAMED, "index-tts", "unknown"),
        (GPT_PARTS, "gpt-sovits", "v1 and v2 in TTS_infer_pack (August 2024 to early 2025)"),
        (
            VOICE | HIFIGAN,
            "mockingbird",
            "September 2021 to December 2022 (it has HiFi-GAN below vocoder/hifigan)",
        ),
        (VOICE | STYLES, "mockingbird", "August or September 2021"),
    ],
)
def test_a_copy_that_lacks_a_part(tmp_path: Path, tree: Tree, system: str, version: str) -> None:
    found = only(tmp_path, tree)
    assert (found.system.id, found.root, found.version.label) == (system, ".", version)


@pytest.mark.parametrize("path", sorted(INDEX_RENAMED.keys() - {"indextts/infer_vllm_v2.py"}))
def test_less_than_that_is_none(tmp_path: Path, path: str) -> None:
    tree = {name: text for name, text in INDEX_RENAMED.items() if name != path}
    assert find_systems(put(tmp_path, tree), SYSTEMS) == ()


ANCESTOR = VOICE | {"vocoder/inference.py": "def infer_waveform(): ...\n"}


@pytest.mark.parametrize("tree", [FRONT, VOICE, ANCESTOR])
def test_parts_that_others_have_too_are_none(tmp_path: Path, tree: Tree) -> None:
    assert find_systems(put(tmp_path, tree), SYSTEMS) == ()


@pytest.mark.parametrize(
    ("package", "imports", "root", "folder"),
    [
        ("voice_engine", "", ".", "voice_engine"),
        ("src/voice_engine", "from voice_engine.model import cfm", "src", "voice_engine"),
        ("src/studio/engine", "from studio.engine.model.utils import x", "src", "studio/engine"),
        ("src/studio/engine", "from ..model.utils import x", "src/studio", "engine"),
        ("src/studio/engine", "import engine.model.utils", "src/studio", "engine"),
        ("a/b/engine", "from other.engine.model import x", "a/b", "engine"),
    ],
)
def test_f5_tts_under_another_name_is_rooted_where_its_imports_begin(
    tmp_path: Path, package: str, imports: str, root: str, folder: str
) -> None:
    found = only(tmp_path, f5(package, imports))
    assert (found.system.id, found.root) == ("f5-tts", root)
    assert found.layout.files[0].path == f"{folder}/infer/utils_infer.py"
    assert found.layout.copy == (folder,)
    assert found.layout.module(f"{folder}/infer/x.py") == f"{folder}/infer/x".replace("/", ".")
    assert found.layout.there("f5_tts/model/utils.py") == f"{folder}/model/utils.py"
    assert found.version.label == "1.1.5 or newer (it has EPSS)"


def test_the_package_may_be_the_folder_that_is_asked_about(tmp_path: Path) -> None:
    put(tmp_path, f5("engine"))
    (found,) = find_systems(tmp_path / "engine", SYSTEMS)
    assert (found.system.id, found.root) == ("f5-tts", "..")


def test_a_nested_package_of_its_own_name(tmp_path: Path) -> None:
    found = only(tmp_path, f5("src/studio/f5_tts"))
    assert (found.root, found.layout.name) == ("src/studio", "f5_tts")


def test_another_project_of_the_same_paths_is_none(tmp_path: Path) -> None:
    tree = {
        "f5_tts_mlx/infer/utils_infer.py": "def infer(): ...\n",
        "f5_tts_mlx/model/cfm.py": "class CFM: ...\n",
    }
    assert find_systems(put(tmp_path, tree), SYSTEMS) == ()
