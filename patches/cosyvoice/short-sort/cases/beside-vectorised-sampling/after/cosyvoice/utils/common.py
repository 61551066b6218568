from .ttsopt_cosyvoice_nucleus import nucleus_size
from .ttsopt_cosyvoice_sort import most_likely
import torch


def nucleus_sampling(weighted_scores, top_p=0.8, top_k=25):
    sorted_value, sorted_idx = most_likely(weighted_scores.softmax(dim=0), top_k)
    kept = nucleus_size(sorted_value, top_p, top_k)
    prob = sorted_value[:kept]
    indices = sorted_idx[:kept]
    return indices[prob.multinomial(1, replacement=True)]
