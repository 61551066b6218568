def ras_sampling(weighted_scores, decoded_tokens, sampling):
    return weighted_scores.argmax().item()
