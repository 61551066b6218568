import re
import regex
chinese_char_pattern = re.compile(r'[\u4e00-\u9fff]+')
only_punctuation = regex.compile(r'^[\p{P}\p{S}]*$')


def contains_chinese(text):
	return bool(chinese_char_pattern.search(text))


# 只有标点
def is_only_punctuation(text):
	# punctuation and symbols, or nothing
	return bool(only_punctuation.fullmatch(text))
