"""Text to phones."""

from sample_tts.lexicon import LETTER_RULES, LEXICON


class Frontend:
    def __init__(self):
        self.language = "en"

    def phones(self, fragment):
        return [name for word in fragment.split() for name in self.pronounce(word)]

    def pronounce(self, word):
        # Built again for every word.
        lexicon = build_lexicon(LEXICON)
        scanner = build_scanner(LETTER_RULES)
        return lexicon.get(word) or scanner.scan(word)[0]


def build_lexicon(table):
    return dict(entry.split("=") for entry in table)


def build_scanner(table):
    return table
