"""A server."""
import sys

sys.path.append("GPT_SoVITS")
from fastapi import FastAPI
from GPT_SoVITS.TTS_infer_pack.TTS import TTS

tts_pipeline = TTS()

APP = FastAPI()


async def tts_handle(req):
    try:
        tts_generator = tts_pipeline.run(req)
        return list(tts_generator)
    except Exception as e:
        return str(e)


@APP.get("/tts")
async def tts_get_endpoint(text=None):
    return await tts_handle({"text": text})
