from .ttsopt_cosyvoice_sessions import shared_session
import onnxruntime
import torch
import torchaudio.compliance.kaldi as kaldi


class CosyVoiceFrontEnd:

    def __init__(self, feat_extractor, campplus_model, speech_tokenizer_model):
        self.feat_extractor = feat_extractor
        option = onnxruntime.SessionOptions()
        self.vad_session = shared_session('vad.onnx')
        option.intra_op_num_threads = 1
        self.campplus_session = shared_session(campplus_model, sess_options=option, providers=["CPUExecutionProvider"])
        self.speech_tokenizer_session = shared_session(speech_tokenizer_model, sess_options=option,
                                                                     providers=["CUDAExecutionProvider" if torch.cuda.is_available() else
                                                                                "CPUExecutionProvider"])

    def _extract_speech_token(self, prompt_wav):
        speech = load_wav(prompt_wav, 16000)
        token = self.speech_tokenizer_session.run(None, {'feats': speech.numpy()})[0]
        return torch.tensor(token), torch.tensor([len(token)])

    # 说话人
    def _extract_spk_embedding(self, prompt_wav):
        feat = kaldi.fbank(load_wav(prompt_wav, 16000), num_mel_bins=80)
        return torch.tensor(self.campplus_session.run(None, {'feats': feat.numpy()})[0])

    def _extract_speech_feat(self, prompt_wav):
        feat = self.feat_extractor(load_wav(prompt_wav, 24000))
        return feat, torch.tensor([feat.shape[1]])
