from cosyvoice.flow.ttsopt_cosyvoice_masks import made_once
import torch
from cosyvoice.utils.common import mask_to_bias
from cosyvoice.utils.mask import add_optional_chunk_mask


class ConditionalDecoder(torch.nn.Module):
    def forward(self, x, mask, t):
        masks_made = {}
        hiddens = []
        masks = [mask]
        for resnet, blocks, downsample in self.down_blocks:
            mask_down = masks[-1]
            x = resnet(x, mask_down, t)
            attn_mask = made_once(masks_made, mask_down, x, lambda: add_optional_chunk_mask(x, mask_down.bool(), False, False, 0, self.static_chunk_size, -1))
            attn_mask = made_once(masks_made, attn_mask, x, lambda: mask_to_bias((attn_mask == 1), x.dtype))
            for block in blocks:
                x = block(x, attn_mask, t)
            hiddens.append(x)
            x = downsample(x * mask_down)
            masks.append(mask_down[:, :, ::2])
        return x
