import numpy as np


class StepAudioTokenizer:
	def get_vq06_code(self, audio):
		def pieces(audio, most=480000):
			return [audio[first : first + most] for first in range(0, len(audio), most)]

		with self.vq06_lock:
			speech_tokens = []  # 语音
			session_inputs = self.ort_session.get_inputs()
			for piece in pieces(audio):
				mel, frames = self.mel(piece)
				feeds = {
					session_inputs[0].name: mel,
					session_inputs[1].name: np.array([frames], dtype=np.int32),
				}
				speech_tokens += self.ort_session.run(None, feeds)[0].flatten().tolist()
			return speech_tokens
