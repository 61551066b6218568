import torch
from transformers import Qwen2ForCausalLM


class Qwen2Encoder(torch.nn.Module):
	def __init__(self, folder):
		super().__init__()
		self.model = Qwen2ForCausalLM.from_pretrained(folder)

	def forward(self, xs, masks):
		# 训练
		outs = self.model(
			inputs_embeds=xs,
			attention_mask=masks,
		)
		return outs.hidden_states[-1]

	def forward_one_step(self, xs, masks, cache=None):
		input_masks = masks[:, -1, :]
		outs = self.model(
			inputs_embeds=xs,
			attention_mask=None,
			use_cache=True,
			past_key_values=cache,
		)
		return outs.hidden_states[-1], outs.past_key_values
