from .ttsopt_mockingbird_batches import decoder_step, leave_batch
import torch


class Decoder:
    r = 2

    def forward(self, encoder_seq, encoder_seq_proj, prenet_in, hidden, cell, context, times, chars):
        return prenet_in, context, hidden, cell, context, times


class Tacotron:
    def forward(self, texts, mels, speaker_embedding, steps=2000):
        mel_outputs = []
        for t in range(0, steps, self.decoder.r):
            # one step
            mel_frames, scores, hidden_states, cell_states, context_vec, stop_tokens = \
                decoder_step(self.decoder, encoder_seq, encoder_seq_proj, prenet_in, hidden_states, cell_states, context_vec, t, texts)
            mel_outputs.append(mel_frames)
        mel_outputs = torch.cat(mel_outputs, dim=2)

        leave_batch(self.decoder)
        postnet_out = self.postnet(mel_outputs)
        return postnet_out
