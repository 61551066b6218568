"""Two requests at once on upstream's own code, tiny, with random weights: what comes of it, with a lock too.

Needs clones and interpreters, as the tests of the workloads beside.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from upstream_views import ENVIRONMENT, PATCHES, lay_out, needed

if TYPE_CHECKING:
    from tests.in_target.conftest import Tree

pytestmark = pytest.mark.upstream

HELPERS = PATCHES / "_helpers"
LARGE = (":(exclude)*engdict_cache.pickle", ":(exclude)*userdict.csv")
# Appended to GPT-SoVITS's workload: a stream in voice 0 between whose pieces another request, in voice 1, comes.
INTERLEAVED = """
_speaking = load


def load(job):
    # Return a `speak` whose counters say in which voice each piece of the stream was decoded.
    import asyncio
    import sys

    _speaking(job)
    sys.path.insert(0, job["helpers"])
    from ttsopt_request_lock import one_request_at_a_time

    (tts,) = _built
    decoded, decode = [], tts.vits_model.decode

    def noted(codes, phones, refers, *rest, **options):
        decoded.append(round(float(refers[0].double().sum()), 3))
        return decode(codes, phones, refers, *rest, **options)

    tts.vits_model.decode = noted

    def pieces(utterance, voice):
        asked = _inputs(job, dict(utterance, voice=voice), 5)
        asked.update(return_fragment=True, streaming_mode=False, text_split_method="cut5")
        for _, samples in tts.run(asked):
            yield samples.tobytes()

    async def server(scope, receive, send):
        # As starlette streams: each piece is made in a thread, and other requests are served between.
        made, loop = pieces(scope["utterance"], scope["voice"]), asyncio.get_running_loop()
        while True:
            piece = await loop.run_in_executor(None, next, made, None)
            if piece is None:
                return
            await send(piece)

    def together(app, utterance, patience):
        # Pieces of the stream in voice 0; a request in voice 1 comes when its first one is out. The stream's
        # client takes its next piece when the other request has one, or after `patience` seconds.

        async def both():
            streamed, first, other = [], asyncio.Event(), asyncio.Event()

            async def send(piece):
                streamed.append(piece)
                first.set()
                await asyncio.wait({asyncio.ensure_future(other.wait())}, timeout=patience)

            async def sent(_):
                other.set()

            def asked(voice, send):
                scope = {"type": "http", "path": "/tts", "utterance": utterance, "voice": voice}
                return asyncio.ensure_future(app(scope, asyncio.Event().wait, send))

            stream = asked(0, send)
            await first.wait()
            await asked(1, sent)
            await stream
            return streamed

        decoded.clear()
        return asyncio.run(both())

    def speak(utterance, seed):
        row = dict(samples=__import__("numpy").ones(100, "float32"), sample_rate=100)
        alone, counters = list(pieces(utterance, 0)), {"pieces": 0}
        own = decoded[0]
        for name, app, patience in (
            ("shipped", server, 60),
            ("locked", one_request_at_a_time(server, ["/tts"]), 0.3),
        ):
            made = together(app, utterance, patience)
            counters[name + "_equal"] = sum(map(bytes.__eq__, made, alone))
            counters[name + "_in_its_voice"] = sum(voice == own for voice in decoded)
        counters.update(pieces=len(alone), decoded=len(decoded))
        return dict(row, counters=counters)

    return speak
"""
TWO = "The quick brown fox jumps over it. The lazy dog sleeps on."


def test_a_stream_of_gpt_sovits_ends_in_another_requests_voice_and_not_behind_the_lock(
    tree: Tree,
) -> None:
    tree.python, tree.environment = needed("TTSOPT_PYTHON_GPT_SOVITS"), ENVIRONMENT
    tree.limit = 600
    lay_out("GPT-SoVITS", "HEAD", tree.view, ".", *LARGE)
    shutil.copytree(PATCHES / "gpt-sovits/workload", tree.folder / "workload")
    own = (PATCHES / "gpt-sovits/workload.py").read_text(encoding="utf-8")
    tree.write("workload.py", own + "\n\n" + INTERLEAVED)
    rows = [{"id": "a", "text": TWO, "voice": 0}]
    job: dict[str, Any] = {
        "import_paths": [".", "GPT_SoVITS"],
        "helpers": str(HELPERS),
        "utterances": rows,
    }
    job |= {"warmup": 0, "warmup_utterances": [{"id": "b", "text": "x", "voice": 1}]}
    assert tree.run("prepare", **job).result["ok"]
    result = tree.run(**job).result
    assert result["ok"], result
    counters = result["utterances"][0]["counters"]
    assert (counters["pieces"], counters["decoded"]) == (2, 4)
    assert counters["shipped_equal"] < counters["locked_equal"] == 2
    assert counters["shipped_in_its_voice"] == 1  # the second piece is in the other's voice
    assert counters["locked_in_its_voice"] == 2
