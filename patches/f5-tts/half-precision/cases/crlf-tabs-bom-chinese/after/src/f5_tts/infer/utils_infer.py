import torch

from f5_tts.model.cfm import CFM


def load_model(model_cls, ckpt_path, mel_spec_type="vocos", device="cpu"):
	model = CFM(transformer=model_cls()).to(device)

	dtype = None  # 精度
	return load_checkpoint(model, ckpt_path, device, dtype=dtype)


def infer_process(text, model):
	return model.sample(text)


def infer_batch_process(texts):
	yield from texts
