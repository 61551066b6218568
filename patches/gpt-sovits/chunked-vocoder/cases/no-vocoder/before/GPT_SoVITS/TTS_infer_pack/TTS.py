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
    def run(self, inputs):
        return self.vits_model.decode(inputs)
