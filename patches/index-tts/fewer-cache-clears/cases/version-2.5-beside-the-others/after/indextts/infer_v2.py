from indextts.ttsopt_cache_clears import clear_if_low
import torch


class IndexTTS2:
    def infer(self, voice, text, **generation_kwargs):
        return list(self.infer_generator(voice, text, **generation_kwargs))

    def infer_generator(self, voice, text, emotion=None):
        if self.cache_voice != voice:
            if self.cache_spk_cond is not None:
                self.cache_spk_cond = None
                clear_if_low(torch.cuda.empty_cache, 0.1)
            self.cache_spk_cond = self.encode(voice)
        if self.cache_emotion != emotion:
            if self.cache_emo_cond is not None:
                self.cache_emo_cond = None
                clear_if_low(torch.cuda.empty_cache, 0.1)
        yield self.speak(text)

    def unload(self):
        self.gpt = None
        torch.cuda.empty_cache()
