"""The systems that ttsopt knows, told apart in trees of our own writing: versions, copies, near misses."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.discovery.find import find_systems

SYSTEMS = load_catalogue(of=()).systems
Tree = dict[str, str]
Found = list[tuple[str, str, str]]


def below(folder: str, tree: Tree) -> Tree:
    return {f"{folder}/{path}": text for path, text in tree.items()}


def put(root: Path, tree: Tree) -> Path:
    for path, text in tree.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def find(directory: Path) -> Found:
    """Id, root and version of all that is found."""
    found = find_systems(directory, SYSTEMS)
    return [(one.system.id, one.root, one.version.label) for one in found]


F5_INFER = "def infer_process():\n    ...\n\n\ndef infer_batch_process():\n    ...\n"
F5_MODEL = {
    "model/cfm.py": "class CFM(Module): ...\n",
    "model/backbones/dit.py": "class DiT(Module): ...\n",
    "model/backbones/unett.py": "class UNetT(Module): ...\n",
    "model/utils.py": "def get_tokenizer(): ...\n",
}
F5_PACKAGE = F5_MODEL | {"infer/utils_infer.py": F5_INFER}
F5_DAY = F5_MODEL | {"model/utils_infer.py": F5_INFER}
EPSS = {"model/utils.py": "def get_tokenizer(): ...\ndef get_epss_timesteps(): ...\n"}
NO_EPSS = "before 1.1.5 (it has no EPSS)"
F5_LAYOUTS = {
    "src/f5_tts": below("src/f5_tts", F5_PACKAGE),
    "f5_tts": below("f5_tts", F5_PACKAGE),
    "src/f5_tts/model": below("src/f5_tts", F5_DAY),
    "model": F5_DAY,
    "scripts and model": F5_MODEL | {"requirements.txt": "", "inference-cli.py": ""},
}

COSY = {
    "cosyvoice/cli/frontend.py": "class CosyVoiceFrontEnd:\n    ...\n",
    "cosyvoice/cli/model.py": "class CosyVoiceModel:\n    ...\n",
}
ONE, TWO, THREE = "class CosyVoice: ...\n", "class CosyVoice2: ...\n", "class CosyVoice3: ...\n"


def cosy(*classes: str) -> Tree:
    return COSY | {"cosyvoice/cli/cosyvoice.py": "".join(classes)}


GPT_WEBUI = {
    "GPT_SoVITS/inference_webui.py": "def get_tts_wav(): ...\n",
    "GPT_SoVITS/AR/models/t2s_model.py": "",
    "GPT_SoVITS/module/models.py": "",
}


def gpt(*methods: str) -> Tree:
    body = "".join(f"    def {name}(self): ...\n" for name in ("__init__", *methods))
    text = f"class TTS_Config:\n    ...\n\n\nclass TTS:\n{body}"
    return GPT_WEBUI | {"GPT_SoVITS/TTS_infer_pack/TTS.py": text}


INDEX_OLD = {
    "indextts/infer.py": "class IndexTTS:\n    def infer(self): ...\n",
    "indextts/gpt/model.py": "",
}
INDEX = INDEX_OLD | {
    "indextts/infer.py": "class IndexTTS:\n    def infer(self): ...\n    def infer_fast(self): ...\n"
}
INDEX_2 = INDEX | {"indextts/infer_v2.py": "class IndexTTS2: ...\n"}
INDEX_2_5 = INDEX_2 | {"indextts/infer_v2_5.py": "class IndexTTS2: ...\n"}

VOICE = {
    "synthesizer/inference.py": "class Synthesizer:\n    ...\n",
    "encoder/inference.py": "def embed_utterance(): ...\n",
}
BIRD_2021 = VOICE | {"synthesizer/preprocess_speaker.py": ""}
HIFIGAN = {"vocoder/hifigan/inference.py": "def infer_waveform(): ...\n"}

LOADER = "class UnifiedModelLoader:\n    def _prepare_quantization_config(self): ...\n"
STEP = {
    "tokenizer.py": "class StepAudioTokenizer:\n    ...\n",
    "model_loader.py": LOADER,
    "tts.py": "class StepAudioTTS:\n    ...\n",
    "funasr_detach/auto/auto_model.py": "class AutoModel: ...\n",
    "stepvocoder/cosyvoice2/cli/frontend.py": "class CosyVoiceFrontEnd: ...\n",
    "stepvocoder/cosyvoice2/cli/cosyvoice.py": "class CosyVoice: ...\n",
}

VERSIONS: dict[str, tuple[str, Tree, str]] = {
    "F5-TTS with EPSS": (
        "f5-tts",
        F5_LAYOUTS["src/f5_tts"] | below("src/f5_tts", EPSS),
        "1.1.5 or newer (it has EPSS)",
    ),
    "CosyVoice 1": ("cosyvoice", cosy(ONE), "CosyVoice 1 alone (2024)"),
    "CosyVoice 2": ("cosyvoice", cosy(ONE, TWO), "with CosyVoice 2 (December 2024 or newer)"),
    "CosyVoice 3": (
        "cosyvoice",
        cosy(ONE, TWO, THREE),
        "with CosyVoice 3 (December 2025 or newer)",
    ),
    "GPT-SoVITS before TTS_infer_pack": ("gpt-sovits", GPT_WEBUI, "without TTS_infer_pack (2024)"),
    "GPT-SoVITS v2": (
        "gpt-sovits",
        gpt(),
        "v1 and v2 in TTS_infer_pack (August 2024 to early 2025)",
    ),
    "GPT-SoVITS v4": ("gpt-sovits", gpt("init_vocoder"), "with v3 and v4 in TTS_infer_pack (2025)"),
    "GPT-SoVITS v2Pro": (
        "gpt-sovits",
        gpt("init_vocoder", "init_sv_model"),
        "with v2Pro (June 2025 or newer)",
    ),
    "IndexTTS 1.0": ("index-tts", INDEX_OLD, "1.0 (March or April 2025)"),
    "IndexTTS 1.5": ("index-tts", INDEX, "1.0 and 1.5 (April 2025 or newer: it has infer_fast)"),
    "IndexTTS 2": ("index-tts", INDEX_2, "2 (September 2025 or newer)"),
    "IndexTTS 2.5": ("index-tts", INDEX_2_5, "2.5 (August 2026 or newer)"),
    "MockingBird, its first days": (
        "mockingbird",
        VOICE | {"README-CN.md": ""},
        "August or September 2021",
    ),
    "MockingBird 2021": ("mockingbird", BIRD_2021, "August or September 2021"),
    "MockingBird with HiFi-GAN": (
        "mockingbird",
        BIRD_2021 | HIFIGAN,
        "September 2021 to December 2022 (it has HiFi-GAN below vocoder/hifigan)",
    ),
    "MockingBird below models": (
        "mockingbird",
        below("models", VOICE),
        "December 2022 or newer (code below models/)",
    ),
    "Step-Audio-EditX": (
        "step-audio",
        STEP,
        "8 November 2025 or newer (it can quantise the language model)",
    ),
    "Step-Audio-EditX, its first days": (
        "step-audio",
        STEP | {"model_loader.py": "class UnifiedModelLoader: ...\n"},
        "the first days (November 2025)",
    ),
}


@pytest.mark.parametrize("name", VERSIONS)
def test_each_version_is_told_and_nothing_else(tmp_path: Path, name: str) -> None:
    system, tree, version = VERSIONS[name]
    assert find(put(tmp_path, tree)) == [(system, ".", version)]


@pytest.mark.parametrize("layout", F5_LAYOUTS)
def test_f5_tts_in_each_of_its_layouts(tmp_path: Path, layout: str) -> None:
    (found,) = find_systems(put(tmp_path, F5_LAYOUTS[layout]), SYSTEMS)
    assert (found.system.id, found.root, found.layout.name) == ("f5-tts", ".", layout)
    assert found.version.label == NO_EPSS


COPIES: dict[str, tuple[Tree, Found]] = {
    "a submodule": (
        below("third_party/F5-TTS", F5_LAYOUTS["src/f5_tts"]),
        [("f5-tts", "third_party/F5-TTS", NO_EPSS)],
    ),
    "a package in another's source": (
        below("src", F5_LAYOUTS["f5_tts"]),
        # It lies just as in the repository itself, and it is the same code.
        [("f5-tts", ".", NO_EPSS)],
    ),
    "a package in a backend": (
        below("backend/Cosy", cosy(ONE, TWO)) | {"backend/TTS.py": "class TTS: ...\n"},
        [("cosyvoice", "backend/Cosy", "with CosyVoice 2 (December 2024 or newer)")],
    ),
    "a package at the top of another system": (
        cosy(ONE)
        | {"tokenizer.py": "class StepAudioTokenizer: ...\n", "tts.py": "class StepAudioTTS: ...\n"}
        | {"funasr_detach/auto/auto_model.py": "class AutoModel: ...\n"},
        [("cosyvoice", ".", "CosyVoice 1 alone (2024)")],
    ),
    "several systems": (
        below("engines/gpt", GPT_WEBUI)
        | below("engines/index", INDEX_2)
        | below("only_tts", cosy(ONE))
        | BIRD_2021,
        [
            ("mockingbird", ".", "August or September 2021"),
            ("gpt-sovits", "engines/gpt", "without TTS_infer_pack (2024)"),
            ("index-tts", "engines/index", "2 (September 2025 or newer)"),
            ("cosyvoice", "only_tts", "CosyVoice 1 alone (2024)"),
        ],
    ),
    "two systems in one folder": (
        cosy(ONE) | INDEX,
        [
            ("cosyvoice", ".", "CosyVoice 1 alone (2024)"),
            ("index-tts", ".", "1.0 and 1.5 (April 2025 or newer: it has infer_fast)"),
        ],
    ),
    "a copy in a copy": (
        STEP | below("third_party/CosyVoice", cosy(ONE, TWO, THREE)),
        [
            ("step-audio", ".", "8 November 2025 or newer (it can quantise the language model)"),
            ("cosyvoice", "third_party/CosyVoice", "with CosyVoice 3 (December 2025 or newer)"),
        ],
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_told_at_their_own_roots(tmp_path: Path, name: str) -> None:
    tree, expected = COPIES[name]
    assert find(put(tmp_path, tree)) == expected


NEAR_MISSES: dict[str, Tree] = {
    "Real-Time-Voice-Cloning": VOICE
    | {"README.md": "", "synthesizer/preprocess.py": "", "vocoder/inference.py": ""},
    "a lip reader of its kin": VOICE
    | {"synthesizer/models/tacotron2.py": "class Tacotron2: ...\n"},
    "FunASR": {
        "funasr/auto/auto_model.py": "class AutoModel: ...\n",
        "funasr/models/paraformer_streaming/model.py": "class ParaformerStreaming: ...\n",
        "funasr/tokenizer/build_tokenizer.py": "class Tokenizer: ...\n",
    },
    "Step-Audio 1 without its vocoder": {
        "tokenizer.py": "class StepAudioTokenizer: ...\n",
        "tts.py": "class StepAudioTTS: ...\n",
        "funasr_detach/auto/auto_model.py": "class AutoModel: ...\n",
    },
    "a vocoder made of CosyVoice's parts": {
        "vocoder/cosyvoice2/cli/frontend.py": "class CosyVoiceFrontEnd: ...\n",
        "vocoder/cosyvoice2/cli/cosyvoice.py": "class CosyVoice: ...\n",
    },
    "another system that keeps CosyVoice's front end": {
        "cosyvoice/cli/frontend.py": "class TTSFrontEnd: ...\n",
        "cosyvoice/utils/common.py": "",
        "flow/dit.py": "class DiT: ...\n",
    },
    "CosyVoice's front end without the models": {
        "cosyvoice/cli/frontend.py": COSY["cosyvoice/cli/frontend.py"],
    },
    "an MLX port of F5-TTS": {
        "f5_tts_mlx/cfm.py": "class F5TTS(nn.Module): ...\n",
        "f5_tts_mlx/dit.py": "class DiT(nn.Module): ...\n",
        "f5_tts_mlx/generate.py": "def generate(): ...\n",
    },
    "an MLX port with F5-TTS's own paths": {
        "f5_tts/infer/utils_infer.py": "import mlx.core as mx\n\n\ndef infer(): ...\n",
        "f5_tts/model/cfm.py": "class CFM: ...\n",
    },
    "an ONNX port of CosyVoice": {
        "src/cosyvoice_onnx/engine.py": "class CosyVoiceEngine: ...\n",
        "src/cosyvoice_onnx/frontend/normalizer.py": "class CosyVoiceFrontEnd: ...\n",
    },
    "an ONNX port of GPT-SoVITS": {
        "GPT_SoVITS/onnx_export.py": "class T2SModel: ...\n",
        "GPT_SoVITS/AR/models/t2s_model_onnx.py": "class Text2SemanticDecoder: ...\n",
    },
    "an MLX port of IndexTTS": {
        "indextts_mlx/infer.py": "class IndexTTS: ...\n",
        "indextts_mlx/gpt/model.py": "",
    },
    "a diffusion model with a UNetT of its own": {
        "model/backbones/unett.py": "class UNetT: ...\n",
        "requirements.txt": "",
    },
    "clients": {
        "f5_client.py": "from f5_tts.api import F5TTS\nfrom f5_tts.infer.utils_infer import infer_process\n",
        "cosy_client.py": "from cosyvoice.cli.cosyvoice import CosyVoice2\nclass CosyVoiceClient: ...\n",
        "gpt_client.py": "from TTS_infer_pack.TTS import TTS, TTS_Config\n",
        "index_client.py": "from indextts.infer_v2 import IndexTTS2\n",
        "tts.py": "from tokenizer import StepAudioTokenizer\n",
        "requirements.txt": "f5-tts\nindextts\n",
    },
    "names in comments and texts": {
        "tokenizer.py": "# class StepAudioTokenizer:\n",
        "model_loader.py": "x = 'class UnifiedModelLoader:'\n",
        "tts.py": '"""\nthe class StepAudioTTS: ...\n"""\n',
    },
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_only_looks_alike_is_none_of_them(tmp_path: Path, name: str) -> None:
    assert find(put(tmp_path, NEAR_MISSES[name])) == []


@pytest.mark.parametrize("name", ["F5-TTS", "CosyVoice", "GPT-SoVITS", "index-tts", "MockingBird"])
def test_a_submodule_that_was_not_fetched_is_none(tmp_path: Path, name: str) -> None:
    tree = {
        ".gitmodules": f'[submodule "third_party/{name}"]\n\tpath = third_party/{name}\n',
        f"third_party/{name}/.git": f"gitdir: ../../.git/modules/third_party/{name}\n",
    }
    assert find(put(tmp_path, tree)) == []


@pytest.mark.parametrize("name", VERSIONS)
def test_a_system_that_lacks_one_of_its_files_is_none(tmp_path: Path, name: str) -> None:
    """What tells a system is all there, or it is not that system."""
    _, tree, _ = VERSIONS[name]
    (found,) = find_systems(put(tmp_path, tree), SYSTEMS)
    for signature in found.layout.files:
        file = tmp_path / signature.path
        file.rename(file.with_suffix(".away"))
        others = [one.layout.name for one in find_systems(tmp_path, SYSTEMS)]
        file.with_suffix(".away").rename(file)
        assert found.layout.name not in others
