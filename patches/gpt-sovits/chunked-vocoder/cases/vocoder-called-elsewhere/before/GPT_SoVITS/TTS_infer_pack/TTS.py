import torch
import yaml


class TTS_Config:
    def update_configs(self):
        self.config = {"version": self.version}
        return self.config

    def save_configs(self, path):
        with open(path, "w") as file:
            yaml.dump({"custom": self.update_configs()}, file)


class TTS:
    def using_vocoder_synthesis(self, tokens):
        mel = self.flow(tokens)
        return vocode(self.models["vocoder"], mel)[0][0]  # 声码器

    def using_vocoder_synthesis_batched_infer(self, tokens):
        return vocode(self.models["vocoder"], self.flow(tokens))[0][0]
