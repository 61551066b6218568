def top_k(scores, count):
    return scores.topk(count)
