from typing import Generator

from cosyvoice.utils.frontend_utils import split_paragraph


class CosyVoiceFrontEnd:

    def __init__(self, get_tokenizer):
        self.tokenizer = get_tokenizer()

    def text_normalize(self, text, split=True, text_frontend=True):
        if isinstance(text, Generator):
            return [text]
        if text_frontend is False:
            return [text] if split is True else text
        texts = list(split_paragraph(text.strip(), self.tokenizer.encode))
        return texts if split is True else ''.join(texts)
