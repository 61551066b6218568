class Tacotron:
    def forward(self, texts):
        return self.speak(texts)
