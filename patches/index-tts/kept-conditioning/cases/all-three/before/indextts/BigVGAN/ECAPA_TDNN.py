import torch


class Res2NetBlock(torch.nn.Module):
    def forward(self, x, lengths=None):
        return x


class ECAPA_TDNN(torch.nn.Module):
    def forward(self, x, lengths=None):
        return self.fc(x.transpose(1, 2)).transpose(1, 2)
