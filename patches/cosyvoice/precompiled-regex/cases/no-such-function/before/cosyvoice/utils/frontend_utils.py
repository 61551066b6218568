import re
import regex
chinese_char_pattern = re.compile(r'[\u4e00-\u9fff]+')


def contains_chinese(text):
    return bool(chinese_char_pattern.search(text))


