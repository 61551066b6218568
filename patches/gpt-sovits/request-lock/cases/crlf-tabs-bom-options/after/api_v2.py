"""一个服务。"""
import sys

sys.path.append("GPT_SoVITS")
from fastapi import FastAPI
from ttsopt_request_lock import one_request_at_a_time
from GPT_SoVITS.TTS_infer_pack.TTS import TTS

tts_pipeline = TTS()

APP = FastAPI(title='语音')
APP.add_middleware(one_request_at_a_time, paths=["/tts", "/set_refer_audio", "/set_gpt_weights", "/set_sovits_weights"])


async def tts_handle(req):
	try:
		tts_generator = tts_pipeline.run(req)
		return list(tts_generator)
	except Exception as e:
		return str(e)


@APP.get("/tts")
async def tts_get_endpoint(text=None):
	return await tts_handle({"text": text})
