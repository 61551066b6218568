import gradio as gr

from f5_tts.infer.utils_infer import infer_process


def infer(reference, text, model, nfe_step=7):
    return infer_process(reference, text, model, nfe_step=nfe_step)


with gr.Blocks() as app:
    nfe_slider = gr.Slider(
        label="NFE",
        minimum=1,
        maximum=64,
        value=7,
        step=1,
    )
    speed_slider = gr.Slider(label="Speed", minimum=4, value=32, step=2)
