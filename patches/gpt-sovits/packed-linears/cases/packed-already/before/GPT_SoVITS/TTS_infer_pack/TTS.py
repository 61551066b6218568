from .ttsopt_packed_linears import pack_linears
import torch


class TTS_Config:
    pass


class TTS:
    def init_cnhuhbert_weights(self, base_path):
        self.cnhuhbert_model = CNHubert(base_path)
        self.cnhuhbert_model = self.cnhuhbert_model.to(self.configs.device)
        pack_linears(self.cnhuhbert_model)
        if self.configs.is_half:
            self.cnhuhbert_model = self.cnhuhbert_model.half()

    def init_bert_weights(self, base_path):
        self.bert_model = open_bert(base_path)
        self.bert_model = self.bert_model.to(self.configs.device)
        pack_linears(self.bert_model)

    def init_vits_weights(self, weights_path):
        vits_model = open_vits(weights_path).to(self.configs.device)
        self.vits_model = vits_model
        pack_linears(self.vits_model)
        if self.configs.is_half:
            self.vits_model = self.vits_model.half()
