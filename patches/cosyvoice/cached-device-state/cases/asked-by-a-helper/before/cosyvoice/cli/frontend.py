from torch.cuda import is_available


class CosyVoiceFrontEnd:

    def __init__(self):
        self.device = 'cuda' if is_available() else 'cpu'
