import threading
import time
import uuid

import torch


class CosyVoiceModel:

    def __init__(self, llm, hift):
        self.llm = llm
        self.hift = hift
        # 会话变量
        self.tts_speech_token, self.llm_end = {}, {}

    def llm_job(self, text, uuid):
        for i in self.llm.inference(text):
            if i in self.silent_tokens:
                continue
            self.tts_speech_token[uuid].append(i)  # one more
        self.llm_end[uuid] = True

    def vc_job(self, tokens, uuid):
        self.tts_speech_token[uuid] = tokens.flatten().tolist()
        self.llm_end[uuid] = True

    def tts(self, text, stream=False):
        this_uuid = str(uuid.uuid1())
        p = threading.Thread(target=self.llm_job, args=(text, this_uuid))
        p.start()
        while stream is True:
            time.sleep(0.1)  # wait for tokens
            if len(self.tts_speech_token[this_uuid]) >= 50:
                yield self.token2wav(self.tts_speech_token[this_uuid][:50])
            if self.llm_end[this_uuid] is True:
                break
        p.join()
        yield self.token2wav(self.tts_speech_token[this_uuid])
