class TransformerLM:
    def inference(self, text):
        return text
