import os
import onnxruntime
import torch


class CosyVoiceFrontEnd(object):
	def __init__(self, campplus):
		option = onnxruntime.SessionOptions()
		option.intra_op_num_threads = 3  # 单线程
		self.campplus_session = onnxruntime.InferenceSession(
			campplus, sess_options=option, providers=["CPUExecutionProvider"]
		)
