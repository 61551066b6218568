from f5_tts.infer.ttsopt_f5_compile import compile_parts, counted_utterance
import os
from concurrent.futures import ThreadPoolExecutor

import torch


def load_vocoder(name="vocos", device="cpu"):
    vocoder = build(name)
    return vocoder


def load_model(model_cls, ckpt_path, device="cpu"):
    model = model_cls()
    compile_parts(model, 'default')
    return model


def infer_process(audio, text, model, vocoder):
    return next(infer_batch_process(audio, [text], model, vocoder))


@counted_utterance
def infer_batch_process(audio, texts, model, vocoder, streaming=False):
    def speak(text):
        return vocoder.decode(model.sample(audio, text))

    if streaming:
        yield from map(speak, texts)
    else:
        with ThreadPoolExecutor(max_workers=1) as executor:
            futures = [executor.submit(speak, text) for text in texts]
            yield torch.cat([future.result() for future in futures])
