kept_text = None
