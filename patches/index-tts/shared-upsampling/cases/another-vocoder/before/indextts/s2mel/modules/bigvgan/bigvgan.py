from torch import nn


class BigVGAN(nn.Module):
    def forward(self, mel):
        return self.decoder(mel)
