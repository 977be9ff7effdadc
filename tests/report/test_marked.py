"""What stayed of a text stands around what has changed, in whole words."""

from hypothesis import given
from hypothesis import strategies as st

from promptc.report.marked import stayed

RUN = "hunter2-" * 5


def test_between_two_changes_both_ends_stay() -> None:
    text = "one two three four five six seven eight nine ten"

    assert stayed(text, first=False, last=False, around=10) == "one two … nine ten"


def test_before_the_first_change_the_end_stays_and_after_the_last_one_the_beginning() -> None:
    text = "one two three four five six seven eight nine ten"

    assert stayed(text, first=True, last=False, around=10) == "… nine ten"
    assert stayed(text, first=True, last=False, around=10, before=16) == "… eight nine ten"
    assert stayed(text, first=False, last=True, around=10) == "one two …"


def test_text_without_spaces_is_cut_between_its_characters() -> None:
    assert stayed("蝴蝶翅膀的解剖图画在羊皮纸上面", first=False, last=False, around=4) == "蝴蝶翅膀 … 皮纸上面"


@given(before=st.integers(0, 70), after=st.integers(0, 70), around=st.integers(1, 60))
def test_of_what_may_be_a_key_no_part_is_shown_alone(before: int, after: int, around: int) -> None:
    text = f"{'a ' * before}{RUN}{' b' * after}"

    for first, last in ((True, False), (False, True), (False, False)):
        shown = stayed(text, first=first, last=last, around=around)
        assert shown.replace(RUN, "").count("hunter") == 0
