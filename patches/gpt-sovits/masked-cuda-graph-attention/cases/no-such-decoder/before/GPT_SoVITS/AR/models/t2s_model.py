class Text2SemanticDecoder:
    def infer_panel(self, x):
        return x
