import torch


class AutoModel:
    def inference(self, input, model=None):
        model = self.model if model is None else model
        model = model.cuda()
        model.eval()
        return model.inference(input)

    def infer_encoder(self, input, model=None):
        model = self.model if model is None else model
        model = model.to(self.device)
        model.eval()

        with torch.no_grad():
            return model.infer_encoder(input)
