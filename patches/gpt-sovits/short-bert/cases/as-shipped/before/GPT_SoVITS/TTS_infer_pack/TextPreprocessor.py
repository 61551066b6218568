import torch


class TextPreprocessor:
    def get_bert_feature(self, text, word2ph):
        inputs = self.tokenizer(text, return_tensors="pt")
        res = self.bert_model(**inputs, output_hidden_states=True)  # 全部层
        return torch.cat(res["hidden_states"][-3:-2], -1)[0]
