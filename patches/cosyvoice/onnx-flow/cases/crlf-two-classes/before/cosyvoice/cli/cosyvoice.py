import logging


class CosyVoice:

    def __init__(self, model_dir, load_trt=False, fp16=False, trt_concurrent=1):
        self.fp16 = fp16  # 半精度
        self.model = CosyVoiceModel(configs['llm'], configs['flow'], configs['hift'], fp16)
        self.model.load('{}/llm.pt'.format(model_dir),
                        '{}/flow.pt'.format(model_dir))
        if load_trt:
            self.model.load_trt('{}/flow.decoder.estimator.mygpu.plan'.format(model_dir),
                                '{}/flow.decoder.estimator.fp32.onnx'.format(model_dir),
                                self.fp16)
        del configs


class CosyVoice2(CosyVoice):

    def __init__(self, model_dir, load_trt=False, fp16=False, trt_concurrent=1):
        self.fp16 = fp16  # 半精度
        self.model = CosyVoice2Model(configs['llm'], configs['flow'], configs['hift'], fp16)
        self.model.load('{}/llm.pt'.format(model_dir),
                        '{}/flow.pt'.format(model_dir))
        if load_trt:
            self.model.load_trt('{}/flow.decoder.estimator.mygpu.plan'.format(model_dir),
                                '{}/flow.decoder.estimator.fp32.onnx'.format(model_dir),
                                self.fp16)
        del configs
