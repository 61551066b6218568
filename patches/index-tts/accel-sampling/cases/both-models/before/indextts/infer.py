class IndexTTS:
    """The entry of the package."""
