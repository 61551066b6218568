nfe_step = 7


def infer_process(reference, text, nfe_step=nfe_step):
    yield from infer_batch_process(reference, text, nfe_step=nfe_step)


def infer_batch_process(reference, batches, nfe_step=7):
    return [reference.sample(text, steps=nfe_step) for text in batches]


def infer_batch_process_stream(reference, batches, nfe_step=7):
    for text in batches:
        yield reference.sample(text, steps=nfe_step)
