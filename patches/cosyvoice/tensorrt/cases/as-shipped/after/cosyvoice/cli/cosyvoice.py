from .ttsopt_cosyvoice_exported import exported
from .ttsopt_cosyvoice_tensorrt import load_engine
from cosyvoice.cli.model import CosyVoiceModel, CosyVoice2Model


class CosyVoice:

    def __init__(self, model_dir, load_jit=False, load_trt=False, fp16=False):
        self.fp16 = fp16
        self.model = CosyVoiceModel(fp16)
        if load_jit:
            self.model.load_jit('{}/llm.zip'.format(model_dir), '{}/flow.zip'.format(model_dir))


class CosyVoice2(CosyVoice):

    def __init__(self, model_dir, load_jit=False, load_trt=False, load_vllm=False, fp16=False, trt_concurrent=1):
        self.fp16 = fp16
        self.model = CosyVoice2Model(fp16)
        if load_jit:
            self.model.load_jit('{}/flow.encoder.{}.zip'.format(model_dir, 'fp16' if self.fp16 is True else 'fp32'))
        if load_trt or (self.fp16 is False and exported('{}/estimator.onnx'.format(model_dir), 'tensorrt')):
            load_engine(self.model, '{}/estimator.{}.plan'.format(model_dir, 'fp16' if self.fp16 is True else 'fp32'), '{}/estimator.onnx'.format(model_dir), trt_concurrent, self.fp16)


# 第三代
class CosyVoice3(CosyVoice2):

    def __init__(self, model_dir, load_trt=False, fp16=False):
        self.fp16 = fp16
