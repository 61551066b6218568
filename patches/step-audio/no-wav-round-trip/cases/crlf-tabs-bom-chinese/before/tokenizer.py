import io

import torchaudio


class StepAudioTokenizer:
	def get_vq02_code(self, audio, session_id=None, is_final=True):
		_tmp_wav = io.BytesIO()
		torchaudio.save(_tmp_wav, audio, 16000, format="wav")
		_tmp_wav.seek(0)  # 从头

		with self.lock:
			found, cache = self.funasr_model.infer_encoder(
				input=[_tmp_wav], chunk_size=self.chunk_size, is_final=is_final
			)
			return self.codes(found)
