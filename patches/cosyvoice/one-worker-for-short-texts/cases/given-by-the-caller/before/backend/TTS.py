"""A service that always uses so many."""

from concurrent.futures import ThreadPoolExecutor


class Voice:
    def generate_audio(self, text):
        with ThreadPoolExecutor(max_workers=4) as pool:
            return list(pool.map(self.speak, self.cut(text)))
