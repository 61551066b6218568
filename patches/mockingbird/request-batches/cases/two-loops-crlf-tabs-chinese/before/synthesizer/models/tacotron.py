import torch


class Tacotron:
	def forward(self, texts, mels, speaker_embedding):
		for t in range(0, steps, self.r):
			mels, scores = self.decoder(encoder_seq, t, texts)  # 训练
		mel_outputs = torch.cat(mels, dim=2)
		postnet_out = self.postnet(mel_outputs)
		return postnet_out

	def generate(self, x, speaker_embedding=None, steps=2000):
		for t in range(0, steps, self.r):
			mels, scores = self.decoder(encoder_seq, t, x)  # 合成
		mel_outputs = torch.cat(mels, dim=2)
		postnet_out = self.postnet(mel_outputs)
		return postnet_out
