from .ttsopt_gpt_sovits_vocoder import in_chunks, vocoder_keys
import torch
import yaml


class TTS_Config:
    def update_configs(self):
        self.config = {"version": self.version}
        self.config.update(vocoder_keys(self.configs))
        return self.config

    def save_configs(self, path):
        with open(path, "w") as file:
            yaml.dump({"custom": self.update_configs()}, file)


class TTS:
    def v3_synthesis(self, tokens):
        mel = self.flow(tokens)
        with torch.inference_mode():
            return in_chunks(self.bigvgan_model, mel, self.configs.configs)[0][0]  # 声码器
