import torch


class IndexTTS2:
    def infer_generator(self, voice):
        input_features, attention_mask = self.features(voice)
        spk_cond_emb = self.get_emb(input_features, attention_mask)

        # _, S_ref = self.semantic_codec.quantize(spk_cond_emb)
        S_ref = self.get_emb(input_features, attention_mask)
        lengths = self.lengths(voice)
        prompt_condition = self.s2mel.models['length_regulator'](
            # S_ref,
            S_ref,
            ylens=lengths,
            n_quantizers=3,
            f0=None)[0]
        return prompt_condition
