import torch


class UnifiedVoice:

    def inference_speech(self, text_inputs, num_return_sequences=1, typical_sampling=False, **hf_generate_kwargs):
        inputs, inputs_embeds, attention_mask = self.prepare_gpt_inputs(text_inputs)
        logits_processor = []
        if self.accel_engine is not None and num_return_sequences == 1:
            output = self.engine_of_another_kind(
                inputs,  # 假的 token
                max_new_tokens=100,
                temperature=hf_generate_kwargs.get('temperature', 1),
                stop_tokens=[self.stop_mel_token],
            )
        else:
            output = self.inference_model.generate(inputs, logits_processor=logits_processor, **hf_generate_kwargs)
        return output
