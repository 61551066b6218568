import io

import torchaudio


class StepAudioTokenizer:
    def get_vq02_code(self, audio, session_id=None, is_final=True):
        path = self.saved(audio)

        with self.lock:
            found, cache = self.funasr_model.infer_encoder(
                input=[path], chunk_size=self.chunk_size, is_final=is_final
            )
            return self.codes(found)
