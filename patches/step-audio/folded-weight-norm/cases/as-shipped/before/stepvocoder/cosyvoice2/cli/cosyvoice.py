import torch


class CosyVoice:
    def __init__(self, folder, dtype=torch.float32):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.dtype = dtype
        flow, hift = read(folder)
        hift.load_state_dict(torch.load(folder + "/hift.pt", map_location="cpu"))
        cosy_impl = Streaming(flow, hift)
        self.cosy_impl = cosy_impl.to(self.device, self.dtype)
        self.rate = 24000
