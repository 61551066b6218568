import torch


class Synthesizer:
    def speak(self, text):
        return text
