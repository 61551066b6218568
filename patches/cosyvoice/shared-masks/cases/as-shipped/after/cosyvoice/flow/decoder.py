from cosyvoice.flow.ttsopt_cosyvoice_masks import made_once
import torch
from cosyvoice.utils.common import mask_to_bias
from cosyvoice.utils.mask import add_optional_chunk_mask


class ConditionalDecoder(torch.nn.Module):
    def forward(self, x, mask, t, streaming=False):
        masks_made = {}
        hiddens = []
        masks = [mask]
        for resnet, blocks, downsample in self.down_blocks:
            mask_down = masks[-1]
            x = resnet(x, mask_down, t)
            attn_mask = made_once(masks_made, mask_down, x, lambda: add_optional_chunk_mask(x, mask_down.bool(), False, False, 0, 0, -1).repeat(1, x.size(1), 1))
            attn_mask = made_once(masks_made, attn_mask, x, lambda: mask_to_bias(attn_mask, x.dtype))
            for block in blocks:
                x = block(x, attn_mask, t)
            hiddens.append(x)
            x = downsample(x * mask_down)
            masks.append(mask_down[:, :, ::2])
        return x


class CausalConditionalDecoder(ConditionalDecoder):
    def forward(self, x, mask, t, streaming=False):
        masks_made = {}
        hiddens = []
        masks = [mask]
        mask_mid = masks[-1]
        for resnet, blocks in self.mid_blocks:
            x = resnet(x, mask_mid, t)
            if streaming is True:
                attn_mask = made_once(masks_made, mask_mid, x, lambda: add_optional_chunk_mask(x, mask_mid.bool(), False, False, 0, self.static_chunk_size, -1))
            else:
                attn_mask = made_once(masks_made, mask_mid, x, lambda: add_optional_chunk_mask(x, mask_mid.bool(), False, False, 0, 0, -1).repeat(1, x.size(1), 1))
            attn_mask = made_once(masks_made, attn_mask, x, lambda: mask_to_bias(attn_mask, x.dtype))
            for block in blocks:
                x = block(x, attn_mask, t)
        return x
