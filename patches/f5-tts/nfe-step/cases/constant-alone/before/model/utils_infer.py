nfe_step = 32


def infer_process(text):
    return infer_batch_process([text])


def infer_batch_process(texts):
    return [model.sample(text, steps=nfe_step) for text in texts]
