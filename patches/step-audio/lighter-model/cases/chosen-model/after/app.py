import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--model-path", type=str, required=True)
parser.add_argument(
    "--tokenizer-model-id",
    type=str,
    default='own/small-online',
    help="Which paraformer"
)
