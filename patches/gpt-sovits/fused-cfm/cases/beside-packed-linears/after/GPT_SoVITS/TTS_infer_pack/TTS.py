from .ttsopt_fused_cfm import fuse_cfm
from .ttsopt_packed_linears import pack_linears
import torch


class TTS_Config:
    pass


class TTS:
    def init_vits_weights(self, path):
        vits_model = load(path)  # 加载
        vits_model = vits_model.to(self.configs.device)
        vits_model = vits_model.eval()

        self.vits_model = vits_model
        fuse_cfm(self.vits_model)
        pack_linears(self.vits_model)
        if self.configs.is_half and str(self.configs.device) != "cpu":
            self.vits_model = self.vits_model.half()

    def init_bert_weights(self, path):
        self.bert_model = load(path)
        self.bert_model = self.bert_model.to(self.configs.device)
        pack_linears(self.bert_model)

    def init_cnhuhbert_weights(self, path):
        self.cnhuhbert_model = load(path)
        self.cnhuhbert_model = self.cnhuhbert_model.to(self.configs.device)
        pack_linears(self.cnhuhbert_model)
