import torch
from torch import nn


class Decoder(nn.Module):
    # of the class, as it is the same for all
    max_r = 20

    def __init__(self, n_mels):
        super().__init__()
        self.register_buffer("r", torch.tensor(1, dtype=torch.int))
        self.n_mels = n_mels

    def forward(self, x, prenet_in):
        mels = self.mel_proj(x)
        mels = mels.view(x.size(0), self.n_mels, self.max_r)[:, :, :self.r]  # `[batch, n_mels, r]`
        return mels, torch.sigmoid(self.stop_proj(x))


class Tacotron(nn.Module):
    def forward(self, texts, mels, steps=2000, min_stop_token=5):
        x = self.encoder(texts)
        # for what comes out
        mel_outputs, attn_scores, stop_outputs = [], [], []
        for t in range(0, steps, 1 + self.r):
            prenet_in = mel_outputs[-1][:, :, -1] if t > 0 else x
            frames, stop_tokens = self.decoder(x, prenet_in)
            mel_outputs.append(frames)
            stop_outputs.extend([stop_tokens] * self.r)
            if not self.training and (stop_tokens * 10 > min_stop_token).all() and t > 10: break
        return torch.cat(mel_outputs, dim=2), torch.cat(stop_outputs, 1)
