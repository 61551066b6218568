from .ttsopt_batched_bert import read_together
import torch  # 文本
from tqdm import tqdm


class TextPreprocessor:
	def preprocess(self, text, lang, text_split_method, version="v2"):
		text = self.replace_consecutive_punctuation(text)
		texts = self.pre_seg_text(text, lang, text_split_method)
		self = read_together(self, texts, lang, version)
		result = []
		for text in tqdm(texts):
			phones, bert_features, norm_text = self.segment_and_extract_feature_for_text(text, lang, version)
			result.append((phones, bert_features, norm_text))
		return result
