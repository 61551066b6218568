from .ttsopt_gpt_sovits_bert import hidden_states
import torch


class TextPreprocessor:
    def get_bert_feature(self, text, word2ph):
        inputs = self.tokenizer(text, return_tensors="pt")
        res = hidden_states(self.bert_model, inputs)  # 全部层
        return torch.cat(res["hidden_states"][-3:-2], -1)[0]
