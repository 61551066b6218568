"""The service's own."""

from concurrent.futures import ThreadPoolExecutor


class Voice:
    def generate_audio(self, text, max_workers=None):
        segments = self.cut(text)
        if max_workers is None:
            import os

            max_workers = 1 if len(text) < 100 else min(len(segments), os.cpu_count() or 2, 4)  # 最多
        with ThreadPoolExecutor(max_workers=max_workers) as pool:
            return list(pool.map(self.speak, segments))

    def generate_audio_as(self, text, speaker, max_workers=None):
        segments = self.cut(text)
        if max_workers is None:
            import os

            max_workers = 1 if len(text) < 100 else min(len(segments), os.cpu_count() or 2, 4)
        with ThreadPoolExecutor(max_workers=max_workers) as pool:
            return [pool.submit(self.speak, one, speaker) for one in segments]
