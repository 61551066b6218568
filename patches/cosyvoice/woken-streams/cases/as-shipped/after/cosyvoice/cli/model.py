from .ttsopt_cosyvoice_token_signal import wait_for_tokens, add_token, end_tokens
import threading
import time
import uuid

import torch


class CosyVoiceModel:

    def __init__(self, llm, hift):
        self.llm = llm
        self.hift = hift
        # 会话变量
        self.tts_speech_token_dict, self.llm_end_dict = {}, {}

    def llm_job(self, text, uuid):
        for i in self.llm.inference(text):
            if i in self.silent_tokens:
                continue
            add_token(self, uuid, i)  # one more
        end_tokens(self, uuid)

    def vc_job(self, tokens, uuid):
        self.tts_speech_token_dict[uuid] = tokens.flatten().tolist()
        end_tokens(self, uuid)

    def tts(self, text, stream=False):
        this_uuid = str(uuid.uuid1())
        p = threading.Thread(target=self.llm_job, args=(text, this_uuid))
        p.start()
        while stream is True:
            wait_for_tokens(self, this_uuid)  # wait for tokens
            if len(self.tts_speech_token_dict[this_uuid]) >= 50:
                yield self.token2wav(self.tts_speech_token_dict[this_uuid][:50])
            if self.llm_end_dict[this_uuid] is True:
                break
        p.join()
        yield self.token2wav(self.tts_speech_token_dict[this_uuid])


class CosyVoice2Model(CosyVoiceModel):

    def tts(self, text, stream=False):
        this_uuid = str(uuid.uuid1())
        token_offset = 0
        while stream is True:
            wait_for_tokens(self, this_uuid)
            hop = self.token_hop_len
            if len(self.tts_speech_token_dict[this_uuid]) - token_offset >= hop:
                token_offset += hop
                yield self.token2wav(self.tts_speech_token_dict[this_uuid][:token_offset])
            if self.llm_end_dict[this_uuid] is True:
                break
        yield self.token2wav(self.tts_speech_token_dict[this_uuid])
