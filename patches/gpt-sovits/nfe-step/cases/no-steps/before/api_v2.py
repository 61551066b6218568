from pydantic import BaseModel


class TTS_Request(BaseModel):
    text: str = None


async def tts_get_endpoint(
    text: str = None,
    seed: int = 32,
):
    return await tts_handle({"text": text})
