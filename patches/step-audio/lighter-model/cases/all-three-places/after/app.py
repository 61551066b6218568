import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--model-path", type=str, required=True)
parser.add_argument(
    "--tokenizer-model-id",
    type=str,
    default='damo/speech_paraformer-base_asr_nat-zh-cn-16k-common-vocab8404',
    help="Which paraformer"
)
