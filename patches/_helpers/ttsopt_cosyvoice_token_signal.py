"""Wake a stream of CosyVoice when its language model made a token, in the place of a sleep of 0.1 s.

`wait_for_tokens(model, stream)` stands where a stream's loop slept; `add_token` and `end_tokens` keep a token and
the end as upstream does, and wake the stream. Where nobody wakes it (a subclass with a loop of its own, a thread
that died), it looks every 0.1 s as shipped. TTSOPT_WOKEN_STREAMS=0 in the environment sleeps as shipped, at any
time. Laid out by ttsopt beside the file that uses it; needs Python 3.8 alone.
"""

import os
import threading
import time

SWITCH = "TTSOPT_WOKEN_STREAMS"
LONGEST = 0.1  # seconds: upstream's sleep
_PLACE = "_ttsopt_waiting_streams"
_OFF = {"0", "off", "no", "false"}


class _Waiting:
    """A stream that waits: its condition, and how many tokens it saw when it last looked."""

    def __init__(self):
        self.condition, self.seen = threading.Condition(), None


def wait_for_tokens(model, stream):
    """Return when there are other tokens than at the last call for this stream; at once when all are made.

    `model` is the one that speaks or a copy of its attributes, `stream` its key in `tts_speech_token_dict`.
    """
    if os.environ.get(SWITCH, "").strip().lower() in _OFF:
        time.sleep(LONGEST)
        return
    streams = _streams(model)
    if model.llm_end_dict[stream]:  # from here on every round of the loop makes a chunk or ends it
        return
    waiting = streams.setdefault(stream, _Waiting())
    with waiting.condition:
        waiting.condition.wait_for(lambda: _is_news(model, stream, waiting), LONGEST)
        waiting.seen = len(model.tts_speech_token_dict[stream])
    if model.llm_end_dict[stream]:
        streams.pop(stream, None)


def add_token(model, stream, token):
    """Keep a token of a stream, and wake who waits for it."""
    model.tts_speech_token_dict[stream].append(token)
    _wake(_streams(model).get(stream))


def end_tokens(model, stream):
    """Note that a stream has all its tokens, and wake who waits for them."""
    model.llm_end_dict[stream] = True
    _wake(_streams(model).pop(stream, None))


def _streams(model):
    return vars(model).setdefault(_PLACE, {})


def _is_news(model, stream, waiting):
    return model.llm_end_dict[stream] or len(model.tts_speech_token_dict[stream]) != waiting.seen


def _wake(waiting):
    if waiting is not None:  # else nobody waits yet: the first look finds the token
        with waiting.condition:
            waiting.condition.notify_all()
