import torch
from tqdm import tqdm


class TextPreprocessor:
    def preprocess(self, text, lang, text_split_method, version="v2"):
        text = self.replace_consecutive_punctuation(text)
        texts = cut(text)
        result = []
        for text in tqdm(texts):
            phones, bert_features, norm_text = self.segment_and_extract_feature_for_text(text, lang, version)
            result.append((phones, bert_features, norm_text))
        return result
