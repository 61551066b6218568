class IndexTTS2:
    def __init__(self, model_dir, use_cuda_kernel=None, use_deepspeed=False):
        self.use_cuda_kernel = use_cuda_kernel
        self.semantic_model = open_w2v_bert(model_dir)
        self.semantic_model.eval()
        self.bigvgan = bigvgan.BigVGAN.from_pretrained(model_dir, use_cuda_kernel=self.use_cuda_kernel)

    def get_emb(self, features):
        vq_emb = self.semantic_model(features, output_hidden_states=True)
        feat = vq_emb.hidden_states[17]
        return feat

    def infer(self, text):
        for segment in text:
            with torch.no_grad():
                diffusion_steps = 30
                yield self.flow(segment, diffusion_steps)
