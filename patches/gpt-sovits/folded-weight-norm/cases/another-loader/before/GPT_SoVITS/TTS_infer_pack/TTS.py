import torch


class TTS_Config:
    pass


class TTS:
    def init_vits_weights(self, weights_path):
        vits_model = build(weights_path)
        vits_model.load_state_dict(read(weights_path))
        self.vits_model = vits_model.to(self.configs.device)  # 解码器

        self.vits_model.dec.remove_weight_norm()
