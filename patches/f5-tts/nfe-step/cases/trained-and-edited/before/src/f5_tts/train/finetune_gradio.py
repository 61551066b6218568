import gradio as gr


def infer(text, nfe_step):
    return tts.infer(text, nfe_step=nfe_step)


with gr.Blocks() as app:
    with gr.Row():
        nfe_step = gr.Number(label="NFE Step", value=32)
        speed = gr.Slider(label="Speed", value=1.0, minimum=0.3)
