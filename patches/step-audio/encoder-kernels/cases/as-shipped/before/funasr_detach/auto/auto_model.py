import torch


class AutoModel:
    def __init__(self, **kwargs):
        model, kwargs = self.build_model(**kwargs)
        self.kwargs = kwargs
        self.model = model
        self.vad_model = None

    def build_model(self, **kwargs):
        return open_model(kwargs), kwargs
