from functools import partial
from cosyvoice.utils.frontend_utils import split_paragraph


class CosyVoiceFrontEnd:

    def text_normalize(self, text, split=True):
        texts = [i for i in split_paragraph(text.strip(), partial(self.tokenizer.encode))]
        if split is False:
            return text
        return texts
