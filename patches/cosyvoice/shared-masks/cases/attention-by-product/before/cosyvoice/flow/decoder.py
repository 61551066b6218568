import torch


class ConditionalDecoder(torch.nn.Module):
    def forward(self, x, mask, t):
        hiddens = []
        for resnet, blocks in self.mid_blocks:
            x = resnet(x, mask, t)
            attn_mask = torch.matmul(mask.transpose(1, 2).contiguous(), mask)
            for block in blocks:
                x = block(x, attn_mask, t)
        return x
