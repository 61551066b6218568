import gradio as gr

from f5_tts.infer.utils_infer import infer_process


def infer(reference, text, model):
    return infer_process(reference, text, model, nfe_step=16)
