import torch
from torch import nn


class Decoder(nn.Module):
    # of the class, as it is the same for all
    max_r = 20
    frames_a_step = None

    def __init__(self, n_mels):
        super().__init__()
        self.register_buffer("r", torch.tensor(1, dtype=torch.int))
        self.n_mels = n_mels

    def forward(self, x, prenet_in):
        mels = self.mel_proj(x)
        mels = mels.view(x.size(0), self.n_mels, self.max_r)[:, :, :self.frames_a_step or self.r]  # `[batch, n_mels, r]`
        return mels, torch.sigmoid(self.stop_proj(x))


class Tacotron(nn.Module):
    def forward(self, texts, mels, steps=2000, min_stop_token=5):
        x = self.encoder(texts)
        # for what comes out
        r = self.decoder.r.item()
        self.decoder.frames_a_step = r
        mel_outputs, attn_scores, stop_outputs = [], [], []
        for t in range(0, steps, r):
            prenet_in = mel_outputs[-1][:, :, -1] if t > 0 else x
            frames, stop_tokens = self.decoder(x, prenet_in)
            mel_outputs.append(frames)
            stop_outputs.extend([stop_tokens] * r)
            if not self.training and t > 10 and (stop_tokens * 10 > min_stop_token).all(): break
        return torch.cat(mel_outputs, dim=2), torch.cat(stop_outputs, 1)
