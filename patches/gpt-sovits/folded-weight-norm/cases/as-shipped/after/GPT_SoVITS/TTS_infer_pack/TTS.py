import torch


class TTS_Config:
    pass


class TTS:
    def init_vits_weights(self, weights_path):
        vits_model = build(weights_path)
        vits_model.load_state_dict(read(weights_path))
        self.vits_model = vits_model.to(self.configs.device)  # 解码器
        if self.configs.is_half and str(self.configs.device) != "cpu":
            self.vits_model = self.vits_model.half()
        for part in self.vits_model.modules():
            if hasattr(part, "weight_g"):
                torch.nn.utils.remove_weight_norm(part)

        self.configs.save_configs()

    def enable_half_precision(self):
        if self.configs.is_half and str(self.configs.device) != "cpu":
            self.vits_model = self.vits_model.half()
