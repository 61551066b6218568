import torch
import copy
import time
import threading


class CosyVoiceModel:

    def __init__(self, llm, hift):
        self.device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        self.llm = llm
        self.hift = hift

    def load(self, llm_model, hift_model):
        self.llm.load_state_dict(torch.load(llm_model, map_location=self.device), strict=True)
        self.llm.to(self.device).eval()
        # 声码器
        self.hift.load_state_dict(torch.load(hift_model, map_location=self.device))
        self.hift.to(self.device).eval()

    def tts(self, text, stream=False):
        p = threading.Thread(target=self.llm_job, args=(text,))
        p.start()
        while stream is True:
            time.sleep(0.1)  # wait for tokens
            if len(self.tokens) >= 50:
                yield self.token2wav(self.tokens[:50])
            if self.llm_end:
                break
        p.join()
        yield self.token2wav(self.tokens)


class CosyVoice2Model(CosyVoiceModel):

    def tts(self, text, stream=False):
        token_offset = 0
        while stream is True:
            time.sleep(0.1)
            hop = self.token_hop_len
            if len(self.tokens) - token_offset >= hop:
                token_offset += hop
                # 逐渐加长
                self = copy.copy(self)
                self.token_hop_len = min(self.token_max_hop_len, self.token_hop_len * self.stream_scale_factor)
                yield self.token2wav(self.tokens[:token_offset])
            if self.llm_end:
                break
        yield self.token2wav(self.tokens)
