class CosyVoiceFrontEnd:
    def frontend_sft(self, tts_text, spk_id):
        return {'text': tts_text, 'embedding': self.spk2info[spk_id]}
