from .ttsopt_one_pass import encode_chunks
from .ttsopt_one_pass_graphs import graph_layers
import time

import torch


class ParaformerStreaming(torch.nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        graph_layers(self)
        self.scama_mask = None

    def infer_encoder(self, data_in, key=None, frontend=None, cache={}, **kwargs):
        stride = int(kwargs["chunk_size"][1] * 960)
        audio = torch.cat((cache["prev_samples"], data_in[0]))
        n = len(audio) // stride + int(kwargs["is_final"])
        encoder_outs = []
        for i in range(n):
            kwargs["is_final"] = i == n - 1
            speech, speech_lengths = self.features(audio[i * stride : (i + 1) * stride], frontend)
            speech = speech.to(device=kwargs["device"])
            encoder_out = (speech, speech_lengths, kwargs.get("is_final", False))
            encoder_outs.append(encoder_out)
        speech_out = []
        if len(encoder_outs) > 0:
            speech_out = encode_chunks(self, encoder_outs, cache)
        return [{"key": key[0], "enc_out": speech_out}], {}, cache
