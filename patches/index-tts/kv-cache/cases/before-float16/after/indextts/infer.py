from indextts.ttsopt_index_tts_positions import positions_without_cache
class IndexTTS:
    def __init__(self, model_dir):
        self.gpt = open_gpt(model_dir)
        self.gpt.post_init_gpt2_config(use_deepspeed=False, kv_cache=True, half=False)
        positions_without_cache(self.gpt.inference_model)
