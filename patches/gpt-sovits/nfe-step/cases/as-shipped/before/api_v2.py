from pydantic import BaseModel


class TTS_Request(BaseModel):
    text: str = None
    sample_steps: int = 32


async def tts_get_endpoint(
    text: str = None,
    sample_steps: int = 32,
    seed: int = 32,
):
    return await tts_handle({"text": text, "sample_steps": int(sample_steps)})
