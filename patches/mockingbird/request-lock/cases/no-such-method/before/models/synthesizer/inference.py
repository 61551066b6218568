class Synthesizer:
    def speak(self, text):
        return text
