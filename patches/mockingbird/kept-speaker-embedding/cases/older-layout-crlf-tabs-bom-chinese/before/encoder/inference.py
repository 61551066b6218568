# 中文
import torch

_model = None


def embed_frames_batch(frames_batch):
	return _model.forward(torch.from_numpy(frames_batch)).detach().cpu().numpy()


def embed_utterance(wav):
	return embed_frames_batch(wav[None])[0]
