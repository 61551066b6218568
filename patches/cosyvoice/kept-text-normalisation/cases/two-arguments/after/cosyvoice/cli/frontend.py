from .ttsopt_kept_text import kept_text
from functools import partial
from cosyvoice.utils.frontend_utils import split_paragraph


class CosyVoiceFrontEnd:

    @kept_text(shorter_than=50, most=1024)
    def text_normalize(self, text, split=True):
        texts = [i for i in split_paragraph(text.strip(), partial(self.tokenizer.encode))]
        if split is False:
            return text
        return texts
