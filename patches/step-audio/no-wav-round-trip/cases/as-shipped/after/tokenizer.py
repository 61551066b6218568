import io

import torchaudio


class StepAudioTokenizer:
    def get_vq02_code(self, audio, session_id=None, is_final=True):

        with self.lock:
            found, cache = self.funasr_model.infer_encoder(
                input=[audio.mean(0).cpu()], chunk_size=self.chunk_size, is_final=is_final
            )
            return self.codes(found)
