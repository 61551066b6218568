from TTS_infer_pack.ttsopt_gpt_sovits_graphs import graph_tokens
import torch
from TTS_infer_pack.text_segmentation_method import splits


class TTS_Config:
    pass


class TTS:
    def init_t2s_weights(self, weights_path):
        # loaded once
        t2s_model = open_t2s(weights_path).to(self.configs.device)
        t2s_model = t2s_model.eval()
        self.t2s_model = t2s_model
        graph_tokens(self.t2s_model)
        if self.configs.is_half:
            self.t2s_model = self.t2s_model.half()

    def init_vits_weights(self, weights_path):
        self.vits_model = open_vits(weights_path)
