from indextts.ttsopt_kept_emotion import kept_emotion
import torch

from indextts.gpt.model_v2 import UnifiedVoice


class IndexTTS2:
	def __init__(self):
		self.gpt = UnifiedVoice()

	def infer_generator(self, spk_cond_emb, emo_cond_emb, segments, emo_alpha=1.0, emo_vector=None):
		for text_tokens in segments:
			with torch.no_grad():
				# 情感向量
				emovec = kept_emotion(self, spk_cond_emb, emo_cond_emb, emo_alpha, lambda: self.gpt.merge_emovec(
					spk_cond_emb, emo_cond_emb, torch.tensor([spk_cond_emb.shape[-1]], device=text_tokens.device),
					torch.tensor([emo_cond_emb.shape[-1]], device=text_tokens.device), alpha=emo_alpha
				))

				if emo_vector is not None:
					emovec = emo_vector + 0.5 * emovec
				yield self.gpt.inference_speech(spk_cond_emb, text_tokens, emo_vec=emovec)
