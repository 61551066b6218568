import torch


def subsequent_chunk_mask(size, chunk_size):
    return torch.ones(size, size, dtype=torch.bool)


def add_optional_chunk_mask(xs, masks, static_chunk_size):
    if static_chunk_size > 0:
        chunk_masks = masks & subsequent_chunk_mask(xs.size(1), static_chunk_size)
    else:
        chunk_masks = masks
    if (chunk_masks.sum(dim=-1) == 0).sum().item() != 0:
        print('all false, force set to true')
        chunk_masks[chunk_masks.sum(dim=-1) == 0] = True
    return chunk_masks
