from cosyvoice.cli.model import CosyVoiceModel


class CosyVoice:

    def __init__(self, model_dir, load_jit=False, load_trt=False, fp16=False):
        self.fp16 = fp16
        self.model = CosyVoiceModel(fp16)
        if load_jit:
            self.model.load_jit('{}/llm.zip'.format(model_dir), '{}/flow.zip'.format(model_dir))
