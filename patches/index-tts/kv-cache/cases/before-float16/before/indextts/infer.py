class IndexTTS:
    def __init__(self, model_dir):
        self.gpt = open_gpt(model_dir)
        self.gpt.post_init_gpt2_config(use_deepspeed=False, kv_cache=False, half=False)
