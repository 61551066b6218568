from .ttsopt_cosyvoice_nucleus import nucleus_size
import torch


def nucleus_sampling(weighted_scores, top_p=0.8, top_k=25):
    sorted_value, sorted_idx = weighted_scores.softmax(dim=0).sort(descending=True, stable=True)
    kept = nucleus_size(sorted_value, top_p, top_k)
    prob = sorted_value[:kept]
    indices = sorted_idx[:kept]
    top_ids = indices[prob.multinomial(1, replacement=True)]
    return top_ids
