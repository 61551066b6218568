"""The helpers of GPT-SoVITS's vocoder and BERT beside upstream's own classes: the same sound, the same features.

Needs a clone and an interpreter, as tests/in_target/test_gpt_sovits_workload.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from upstream_views import ENVIRONMENT, lay_out, needed

pytestmark = pytest.mark.upstream

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
VOCODERS = """
import importlib, os, sys
sys.path[:0] = [".", "GPT_SoVITS"]
import torch
torch.set_num_threads(1)
from ttsopt_gpt_sovits_vocoder import in_chunks, vocoder_keys
RATES = {"v4": ([10, 6, 2, 2, 2], [20, 12, 4, 4, 4]), "v3": ([4, 4, 2, 2, 2, 2], [8, 8, 4, 4, 4, 4])}
def vocoder(version):
    rates, kernels = RATES[version]
    shape = dict(resblock="1", resblock_kernel_sizes=[3, 7, 11], resblock_dilation_sizes=[[1, 3, 5]] * 3)
    shape.update(upsample_rates=rates, upsample_initial_channel=64, upsample_kernel_sizes=kernels)
    torch.manual_seed(0)
    if version == "v4":
        made = importlib.import_module("module.models").Generator(100, gin_channels=0, is_bias=True, **shape)
    else:
        bigvgan = importlib.import_module("BigVGAN.bigvgan")
        rest = dict(activation="snakebeta", snake_logscale=True, use_tanh_at_final=False, use_bias_at_final=False)
        made = bigvgan.BigVGAN(bigvgan.AttrDict(dict(shape, num_mels=100, **rest)))
    made.remove_weight_norm()
    for part in made.modules():  # as initialised it is silent
        if isinstance(part, (torch.nn.Conv1d, torch.nn.ConvTranspose1d)):
            torch.nn.init.kaiming_normal_(part.weight, a=0.1)
            part.weight.data *= 0.5
            if part.bias is not None:
                part.bias.data.zero_()  # a constant would be most of the sound
    return made.eval()
def noise(one, other):
    return 10 * torch.log10((one - other).pow(2).mean() / other.pow(2).mean()).item()
"""
JOINTS = """
made = vocoder("VERSION")
with torch.inference_mode():
    for frames in (49, 50, 51, 120, 251):
        mel = torch.randn(1, 100, frames)
        whole, parts = made(mel), in_chunks(made, mel, {"vocoder_chunk_size": 50})
        assert parts.shape == whole.shape
        assert frames <= 50 and torch.equal(parts, whole) or noise(parts, whole) < -110, frames
import ttsopt_gpt_sovits_vocoder as helper
helper.CONTEXT = dict.fromkeys(helper.CONTEXT, 4)
with torch.inference_mode():
    assert noise(in_chunks(made, mel, {"vocoder_chunk_size": 50}), whole) > -90  # the check can fail
"""
SETTINGS = """
class Counting(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lengths = []
    def forward(self, mel):
        self.lengths.append(mel.shape[-1])
        return mel[:, :1].repeat_interleave(3, dim=2)
class Generator(Counting): pass
mel = torch.randn(1, 100, 1010)
def lengths(kind, keys):
    made = kind()
    assert torch.equal(in_chunks(made, mel, keys), mel[:, :1].repeat_interleave(3, dim=2))
    return made.lengths
assert lengths(Generator, {}) == [516, 526, 26] == lengths(Generator, None)
assert lengths(Generator, {"vocoder_chunk_size": "1000"}) == [1010, 26]
assert lengths(Generator, {"use_vocoder_optimization": False}) == [1010]
for wrong in (0, -5, "many", None):
    assert lengths(Generator, {"vocoder_chunk_size": wrong}) == [1010]
assert lengths(Counting, {}) == [1010] == lengths(Counting, {})
os.environ["TTSOPT_CHUNKED_VOCODER"] = "0"
assert lengths(Generator, {}) == [1010]
assert vocoder_keys({"vocoder_chunk_size": 7, "version": "v4"}) == {"vocoder_chunk_size": 7}
"""
# TTS_Config alone, out of the patched TTS.py, whose imports would take the whole system.
KEPT = """
import ast, os, sys, types, typing
from copy import deepcopy
sys.path.insert(0, "GPT_SoVITS/TTS_infer_pack")
import torch, yaml
from ttsopt_gpt_sovits_vocoder import in_chunks, vocoder_keys
with open("GPT_SoVITS/TTS_infer_pack/TTS.py", encoding="utf-8") as file:
    tree = ast.parse(file.read())
(config,) = [node for node in tree.body if getattr(node, "name", "") == "TTS_Config"]
names = dict(vars(typing), os=os, torch=torch, yaml=yaml, deepcopy=deepcopy, i18n=str, vocoder_keys=vocoder_keys)
exec(compile(ast.Module([config], []), "TTS.py", "exec"), names)
path = "GPT_SoVITS/configs/tts_infer.yaml"
settings = names["TTS_Config"](path)
wanted = {"use_vocoder_optimization": True, "vocoder_chunk_size": 500}
for _ in range(2):
    str(settings)  # replaces its dictionary
    settings.save_configs()
    with open(path, encoding="utf-8") as file:
        custom = yaml.safe_load(file)["custom"]
    assert {key: custom.get(key) for key in wanted} == wanted, custom
    assert vocoder_keys(settings.configs) == wanted
"""
BERT = """
import os, torch
from transformers import BertConfig, BertForMaskedLM
from ttsopt_gpt_sovits_bert import hidden_states
torch.manual_seed(0)
shape = dict(hidden_size=64, num_attention_heads=4, intermediate_size=128, vocab_size=99)
model = BertForMaskedLM(BertConfig(num_hidden_layers=5, **shape)).eval()
runs = []
model.bert.encoder.layer[4].register_forward_hook(lambda *_: runs.append(4))
model.cls.register_forward_hook(lambda *_: runs.append("head"))
with torch.no_grad():
    for length in (3, 17, 120):
        ids = torch.randint(0, 99, (1, length))
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        short = hidden_states(model, inputs)["hidden_states"][-3:-2]
        assert not runs
        whole = model(**inputs, output_hidden_states=True)["hidden_states"][-3:-2]
        assert runs == [4, "head"] and len(short) == 1 and torch.equal(short[0], whole[0])
        runs.clear()
    model.double()  # a view that was kept would not follow
    assert hidden_states(model, inputs)["hidden_states"][-3].dtype == torch.float64
    os.environ["TTSOPT_SHORT_BERT"] = "off"
    assert len(hidden_states(model, inputs)["hidden_states"]) == 6 and runs == [4, "head"]
    del os.environ["TTSOPT_SHORT_BERT"]
    answer = types.SimpleNamespace(logits=1)
    assert hidden_states(lambda **_: answer, inputs) is answer
""".replace("import os,", "import os, types,")


# TextPreprocessor alone, as above, with a front end of a phoneme a letter, as the workload's.
TOGETHER = """
import ast, re, sys, threading, types, typing
import torch
from transformers import BertConfig, BertForMaskedLM
import ttsopt_batched_bert as helper
with open("GPT_SoVITS/TTS_infer_pack/TextPreprocessor.py", encoding="utf-8") as file:
    tree = ast.parse(file.read())
(found,) = [node for node in tree.body if getattr(node, "name", "") == "TextPreprocessor"]
def languages(text, *_):
    return [{"lang": "en" if run.isascii() else "zh", "text": run} for run in re.findall("[a-z ]+|[^a-z ]+", text)]
cleaned = []
def clean_text(text, language, version):
    cleaned.append(text)
    return list(text), [1 + ord(one) % 2 for one in text] if language == "zh" else None, text
def sequence(phones, version):
    return [one for row in phones for one in [ord(row)] * (1 + ord(row) % 2 * (not row.isascii()))]
names = dict(vars(typing), re=re, torch=torch, threading=threading, clean_text=clean_text, i18n=str,
    cleaned_text_to_sequence=sequence, LangSegmenter=types.SimpleNamespace(getTexts=languages),
    AutoModelForMaskedLM=object, AutoTokenizer=object)
exec(compile(ast.Module([found], []), "TextPreprocessor.py", "exec"), names)
torch.manual_seed(0)
shape = dict(hidden_size=1024, num_attention_heads=4, intermediate_size=64, vocab_size=99)
model = BertForMaskedLM(BertConfig(num_hidden_layers=4, **shape)).eval()
calls = []
model.bert.encoder.layer[0].register_forward_hook(lambda *given: calls.append(given[1][0].shape[:2]))
def tokenizer(texts, return_tensors, padding=False):
    rows = [[1, *(3 + ord(one) % 90 for one in row), 2] for row in ([texts] if isinstance(texts, str) else texts)]
    most = max(map(len, rows))
    ids = torch.tensor([row + [0] * (most - len(row)) for row in rows])
    return {"input_ids": ids, "attention_mask": (ids > 0).long()}
upstream = names["TextPreprocessor"](model, tokenizer, torch.device("cpu"))
shipped = dict(vars(upstream))
def read(preprocessor, texts, language="all_zh"):
    calls.clear()
    cleaned.clear()
    return [preprocessor.segment_and_extract_feature_for_text(text, language, "v2") for text in texts]
def together(texts, language="all_zh"):
    calls.clear()
    return helper.read_together(upstream, texts, language, "v2")
def same(texts, language="all_zh"):
    wanted = read(upstream, texts, language)
    twin = together(texts, language)
    batches, made = [tuple(one) for one in calls], read(twin, texts, language)
    for (phones, bert, norm), (other, features, text) in zip(wanted, made):
        assert (phones, norm) == (other, text) and bert.shape == features.shape
        assert torch.allclose(bert, features, atol=1e-5), (bert - features).abs().max()
    assert dict(vars(upstream)) == shipped
    return batches, len(calls), len(cleaned)
ZH = ["今天天气很好，", "我们去公园走走，看看花。", "好的。", "然后回家吃饭。", "今天天气很好，"]
batches, alone, again = same(ZH)
assert sum(rows for rows, _ in batches) == 5 and alone == 0 and again == 0, (batches, alone, again)
assert same(["hello there friend", "今天天气很好，and that is it", "我们去公园走走。"], "auto")[1] == 0
assert same(["hello there friend", "another line of it"], "auto")[0] == []
assert same(["今天天气很好，", "hello there friend"], "auto") == ([], 1, 0)
helper.ROWS = 20
assert [rows for rows, _ in same(ZH)[0]] == [2, 1, 1] or len(same(ZH)[0]) > 1
assert together(ZH[:1]) is upstream
whole = tokenizer
def broken(texts, **rest):
    raise ValueError("no such option\\nand more")
upstream.tokenizer = broken
assert helper.read_together(upstream, ZH, "all_zh", "v2") is upstream
import os
os.environ["TTSOPT_BATCHED_BERT"] = "off"
upstream.tokenizer = whole
assert helper.read_together(upstream, ZH, "all_zh", "v2") is upstream
"""


def run(code: str, view: Path) -> list[str]:
    """Run code with the helpers at hand; what they say on stderr."""
    environment = {**ENVIRONMENT, "PYTHONPATH": str(HELPERS), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [needed("TTSOPT_PYTHON_GPT_SOVITS"), "-c", code]
    done = subprocess.run(
        command, cwd=view, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("ttsopt")]


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest GPT-SoVITS with the patch that chunks the vocoder."""
    folder = tmp_path_factory.mktemp("sovits")
    large = (":(exclude)*engdict_cache.pickle", ":(exclude)*userdict.csv")
    lay_out("GPT-SoVITS", "HEAD", folder / "view", ".", *large)
    command = [sys.executable, "-m", "ttsopt", "apply", str(folder / "view")]
    state = {**os.environ, "TTSOPT_STATE_HOME": str(folder / "state")}
    command += ["-p", "gpt-sovits/chunked-vocoder"]
    subprocess.run(command, check=True, capture_output=True, env=state)
    return folder / "view"


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_the_joints_of_chunks_are_float_rounding(view: Path, version: str) -> None:
    assert run(VOCODERS + JOINTS.replace("VERSION", version), view) == []


def test_the_settings_and_what_is_not_known_decide_about_chunks(view: Path) -> None:
    said = run(VOCODERS + SETTINGS, view)
    assert len(said) == 5  # once for each wrong size, once for the vocoder that is not known
    assert sum("how far Counting looks is not known" in line for line in said) == 1


def test_upstream_keeps_the_keys_when_it_writes_its_settings_anew(view: Path) -> None:
    assert run(KEPT, view) == []


def test_bert_without_what_nobody_reads_gives_the_same_features(tmp_path: Path) -> None:
    (line,) = run(BERT, tmp_path)
    assert "no layers are found" in line


def test_bert_over_all_sentences_gives_the_features_of_each(tmp_path: Path) -> None:
    lay_out("GPT-SoVITS", "HEAD", tmp_path, "GPT_SoVITS/TTS_infer_pack/TextPreprocessor.py")
    (line,) = run(TOGETHER, tmp_path)
    assert line == "ttsopt: batched-bert: no such option: a sentence at a time, as before"
