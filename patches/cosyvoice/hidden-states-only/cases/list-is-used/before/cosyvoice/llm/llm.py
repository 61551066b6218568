"""Language models of speech."""
import torch
from transformers import Qwen2ForCausalLM


class Qwen2Encoder(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        self.model = Qwen2ForCausalLM.from_pretrained(folder)

    def forward(self, xs, masks):
        # for training
        outs = self.model(
            inputs_embeds=xs,
            attention_mask=masks,
            output_hidden_states=True,
        )
        return outs.hidden_states[-1]

    def forward_one_step(self, xs, masks, cache=None):
        outs = self.model(
            inputs_embeds=xs,
            attention_mask=masks[:, -1, :],
            output_hidden_states=True,  # 全部层
            use_cache=True,
            past_key_values=cache,
        )
        xs = sum(outs.hidden_states[-4:])
        return xs, outs.past_key_values
