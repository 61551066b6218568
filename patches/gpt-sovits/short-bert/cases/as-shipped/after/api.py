from ttsopt_gpt_sovits_bert import hidden_states
import torch


def get_bert_feature(text, word2ph):
    with torch.no_grad():
        inputs = tokenizer(text, return_tensors="pt")
        res = hidden_states(bert_model, inputs)
        res = torch.cat(res["hidden_states"][-3:-2], -1)[0]
    return res.T


def get_tts_wav(text):
    return get_bert_feature(text, None)
