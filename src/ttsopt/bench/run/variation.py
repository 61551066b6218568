"""Texts of ttsopt's own, another one in each round: as long, in words and bytes, and so about as much work."""

from __future__ import annotations

from dataclasses import replace

from ttsopt.domain.measurement import Utterance

# A voice's number counts modulo TURN; the quotient says how far it is turned (in_target/stubs.py).
TURN = 10007
# Rounds that are not timed have texts that no timed one has; there are at most 90 of those.
PROFILE_ROUND, TRACE_ROUND, FILL_ROUND = 97, 98, 99
# Each word of a text that is found here may be any of its row. All of a row are equally long in UTF-8.
SUBSTITUTES = (
    ("birch", "cedar", "maple", "beech", "hazel", "aspen"),
    ("canoe", "barge", "ferry", "kayak", "yacht"),
    ("smooth", "narrow", "wooden", "yellow", "broken"),
    ("今天天气", "昨天天气", "那天天气", "明天天气", "每天天气"),
    ("公园", "河边", "海边", "湖边", "山上", "林间"),
    ("走走", "坐坐", "看看", "玩玩"),
    ("harbour", "village", "station", "airport", "terrace"),
    ("nine", "four", "five"),
    ("way back", "way home", "way over"),
    ("morning", "weekend", "evening", "holiday", "meeting", "concert"),
    ("渡轮", "班车", "火车", "轮船"),
    ("九点", "八点", "七点", "六点", "五点"),
    ("港口", "码头", "车站", "城市", "小镇"),
    ("workshop", "bookshop", "showroom", "workroom"),
    ("winter", "summer", "autumn", "season"),
    ("wooden box", "little box", "narrow box", "broken box", "silver box"),
    ("window", "stairs", "garden", "mirror"),
    ("冬天", "夏天", "秋天", "春天"),
    ("木箱", "皮箱", "纸箱", "铁箱", "布袋"),
    ("窗边", "门边", "床边", "墙边", "桌上"),
)
# What is added to a text, so that it is longer in one round than in another: behind an English one, in front of a
# Chinese one. No two of a row are equally long, and no two sums of both rows.
TAILS = (
    ("", " at last", " in the afternoon"),
    ("", " once more", " for everyone", " without a sound between"),
)
HEADS = (("", "哦", "听说"), ("", "他们说", "昨天有人说过", "上个星期大家都知道"))
FULL_STOP = "."
LONGEST = 11  # the round, of twelve, that adds most


def of_round(utterance: Utterance, round_: int) -> Utterance:
    """Return the utterance with the text and voice of a round; round 0 has those it is written down with."""
    voice = utterance.voice + TURN * round_
    text = vary(utterance.text, round_) if utterance.varies else utterance.text
    return replace(utterance, voice=voice, text=text)


def vary(text: str, round_: int) -> str:
    """Return the text of a round: of the words that can be others, a choice for each, counted through."""
    left = round_
    for first, *others in SUBSTITUTES:
        if first in text:
            left, choice = divmod(left, 1 + len(others))
            text = text.replace(first, (first, *others)[choice], 1)
    return text


def of_resident_round(utterance: Utterance, round_: int) -> Utterance:
    """Return the utterance of a resident run's round: ttsopt's own in other words and another length."""
    row = of_round(utterance, round_)
    return replace(row, text=lengthened(row.text, round_)) if utterance.varies else row


def longest(utterance: Utterance, round_: int) -> Utterance:
    """Return the utterance of a round at the greatest length that a resident run gives it."""
    row = of_round(utterance, round_)
    row = replace(row, id=f"{row.id}-longest")
    return replace(row, text=lengthened(row.text, LONGEST)) if utterance.varies else row


def lengthened(text: str, round_: int) -> str:
    """Return a text with what a round adds to it; of twelve rounds that follow each other no two add as much."""
    first, second = round_ % 3, round_ // 3 % 4
    if text.endswith(FULL_STOP):
        added = TAILS[1][second] + TAILS[0][first]
        return f"{text.removesuffix(FULL_STOP)}{added}{FULL_STOP}"
    return HEADS[0][first] + HEADS[1][second] + text
