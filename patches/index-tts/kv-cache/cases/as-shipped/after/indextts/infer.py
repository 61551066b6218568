from indextts.ttsopt_index_tts_positions import positions_without_cache
class IndexTTS:
    def __init__(self, model_dir, use_fp16=True):
        self.gpt = open_gpt(model_dir)
        if use_fp16:
            self.gpt.post_init_gpt2_config(use_deepspeed=True, kv_cache=True, half=True)
        else:
            self.gpt.post_init_gpt2_config(use_deepspeed=False, kv_cache=True, half=False)
            positions_without_cache(self.gpt.inference_model)

    def infer(self, text):
        return self.gpt(text)
