import re
import regex
chinese_char_pattern = re.compile(r'[\u4e00-\u9fff]+')


def contains_chinese(text):
	return bool(chinese_char_pattern.search(text))


# 只有标点
def is_only_punctuation(text):
	# punctuation and symbols, or nothing
	punctuation_pattern = r'^[\p{P}\p{S}]*$'
	return bool(regex.fullmatch(punctuation_pattern, text))
