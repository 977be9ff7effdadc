"""What pictures are to look like: each expectation, met and unmet, with its whole message."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from promptc.blob import Blob, sniff
from promptc.errors import CassetteError
from promptc.replay.damage import lost
from promptc.request import Expectation, Request
from promptc.response import Picture, Response
from promptc.review.verdict import Accepted, Verdict
from promptc.review.verdicts import judge
from tests.review.pictures import encoded, flat, noisy, painted, scene

OLD = encoded(scene(1))
CLOSE = encoded(painted(scene(1), (100, 80, 119, 99)))
OTHER = encoded(scene(2))
GREYED = encoded(scene(1).convert("L"))


def _blob(data: bytes) -> Blob:
    return Blob.of_bytes(data, sniff(data) or "")


def _verdicts(
    wanted: dict[str, Any],
    *pictures: bytes,
    files: Sequence[Blob] = (),
    contents: Sequence[Any] = (),
    accepted: Accepted | None = None,
) -> list[Verdict]:
    key = next(iter(wanted))
    request = Request(
        spec="s",
        case="c",
        step=1,
        steps=1,
        method="generateContent",
        model="gemini-3-pro-image",
        contents=tuple(contents),
        rest={},
        unchecked={},
        places={},
        expect=Expectation(table={"images": wanted}, files={f"/images/{key}": tuple(files)}),
    )
    answer = Response(
        status=200,
        finish_reason="STOP",
        parts=[{}],
        pictures=tuple(Picture(data=data, declared="image/png", thought=False) for data in pictures),
    )
    return [v for v in judge(request, answer, accepted=accepted) if v.expectation == f"images.{key}"]


def _said(*args: Any, **kwargs: Any) -> list[tuple[bool, str]]:
    return [(v.passed, v.message) for v in _verdicts(*args, **kwargs)]


def _recorded(*pictures: bytes) -> Accepted:
    return Accepted(pictures=lambda: pictures)


ALIKE = "SSIM 0.991, colours 0.991, pHash 0 of 64 bits apart, 0.833 % of the pixels differ"
APART = "SSIM 0.338, colours 0.310, pHash 34 of 64 bits apart, all of the pixels differ"


@pytest.mark.parametrize(
    ("wanted", "data", "expected"),
    [
        ("ref.png", OLD, (True, "the image is similar to `data:…`: the same file; expected SSIM and colours of 0.9 or more")),
        ("ref.png", CLOSE, (True, f"the image is similar to `data:…`: {ALIKE}; expected SSIM and colours of 0.9 or more")),
        ("ref.png", OTHER, (False, f"the image is not similar to `data:…`: {APART}; expected SSIM and colours of 0.9 or more")),
        ({"file": "ref.png", "threshold": 0.995}, CLOSE, (False, f"the image is not similar to `data:…`: {ALIKE}; expected SSIM and colours of 0.995 or more")),
        ({"file": "ref.png", "metric": "phash"}, CLOSE, (True, f"the image is similar to `data:…`: {ALIKE}; expected at most 9 of 64 bits apart")),
        ({"file": "ref.png", "metric": "phash"}, OTHER, (False, f"the image is not similar to `data:…`: {APART}; expected at most 9 of 64 bits apart")),
        ({"file": "ref.png", "metric": "pixels"}, CLOSE, (False, f"the image is not similar to `data:…`: {ALIKE}; expected the same pixels")),
        ({"file": "ref.png", "metric": "pixels"}, encoded(scene(1), "TIFF"), (True, "the image is similar to `data:…`: the same pixels in another file; expected the same pixels")),
        ({"file": "ref.png", "metric": "pixels", "threshold": 0.995}, CLOSE, (False, f"the image is not similar to `data:…`: {ALIKE}; expected 99.5 % of the pixels the same, or more")),
    ],
)  # fmt: skip
def test_an_answer_is_similar_to_a_file(wanted: Any, data: bytes, expected: tuple[bool, str]) -> None:
    assert _said({"similarTo": wanted}, data, files=[_blob(OLD)]) == [expected]


@pytest.mark.parametrize(
    ("wanted", "data", "expected"),
    [
        ("ref.png", OTHER, (True, f"the image is different from `data:…`: {APART}; expected SSIM or colours below 0.95")),
        ("ref.png", OLD, (False, "the image is not different from `data:…`: the same file; expected SSIM or colours below 0.95")),
        ({"file": "ref.png", "threshold": 0.8}, CLOSE, (False, f"the image is not different from `data:…`: {ALIKE}; expected SSIM or colours below 0.8")),
        ({"file": "ref.png", "metric": "phash"}, OTHER, (True, f"the image is different from `data:…`: {APART}; expected more than 3 of 64 bits apart")),
        ({"file": "ref.png", "metric": "phash"}, CLOSE, (False, f"the image is not different from `data:…`: {ALIKE}; expected more than 3 of 64 bits apart")),
        ({"file": "ref.png", "metric": "pixels"}, CLOSE, (True, f"the image is different from `data:…`: {ALIKE}; expected other pixels")),
        ({"file": "ref.png", "metric": "pixels", "threshold": 0.001}, CLOSE, (False, f"the image is not different from `data:…`: {ALIKE}; expected less than 0.1 % of the pixels the same")),
    ],
)  # fmt: skip
def test_an_answer_is_different_from_a_file(wanted: Any, data: bytes, expected: tuple[bool, str]) -> None:
    assert _said({"differentFrom": wanted}, data, files=[_blob(OLD)]) == [expected]


def test_the_same_drawing_without_its_colours_is_not_similar() -> None:
    ((passed, message),) = _said({"similarTo": "ref.png"}, GREYED, files=[_blob(OLD)])
    assert not passed
    assert message.startswith("the image is not similar to `data:…`: SSIM 1.000, colours 0.")


def test_another_size_has_not_the_same_pixels_whatever_they_look_like() -> None:
    old, new = encoded(flat((9, 9, 9))), encoded(flat((9, 9, 9), (64, 64)))
    assert _said({"similarTo": {"file": "x", "metric": "pixels", "threshold": 0.5}}, new, files=[_blob(old)]) == [
        (
            False,
            (
                "the image is not similar to `data:…`: SSIM 1.000, pHash 0 of 64 bits apart, none of the pixels differ; "
                "32x32 → 64x64, compared at 32x32; expected 50 % of the pixels the same, or more"
            ),
        )
    ]


def test_a_picture_that_was_stretched_is_not_similar_however_alike_it_looks() -> None:
    stretched = encoded(scene(1).resize((240, 100)))
    ((similar, message),) = _said({"similarTo": {"file": "x", "metric": "phash"}}, stretched, files=[_blob(OLD)])
    assert not similar
    assert message.endswith(
        "; 240x200 → 240x100, stretched and compared at 240x100; expected at most 9 of 64 bits apart"
    )
    ((different, _),) = _said({"differentFrom": {"file": "x", "metric": "phash"}}, stretched, files=[_blob(OLD)])
    assert different


def test_of_several_files_an_answer_is_similar_to_one_and_different_from_all(tmp_path: Path) -> None:
    blobs = []
    for name, data in (("a.png", OTHER), ("b.png", OLD)):
        (tmp_path / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        blobs.append(Blob(media_type="image/png", size=len(data), sha256=digest, path=tmp_path / name))
    asked = "expected SSIM and colours of 0.9 or more"
    assert _said({"similarTo": "*.png"}, OLD, files=blobs) == [
        (True, f"the image is similar to `b.png`: the same file; {asked}")
    ]
    assert _said({"differentFrom": "*.png"}, OLD, files=blobs) == [
        (False, "the image is not different from `b.png`: the same file; expected SSIM or colours below 0.95")
    ]


def test_each_picture_of_an_answer_is_judged() -> None:
    found = _said({"similarTo": "ref.png"}, OLD, OTHER, files=[_blob(OLD)])
    assert [(passed, message[:27]) for passed, message in found] == [
        (True, "image 1 is similar to `data"),
        (False, "image 2 is not similar to `"),
    ]


def _turn(data: object, spelling: str = "inlineData") -> Any:
    return {"role": "user", "parts": [{"text": "x"}, {spelling: {"data": data, "mimeType": "image/png"}}]}


@pytest.mark.parametrize("spelling", ["inlineData", "inline_data"])
def test_the_pictures_of_a_request_are_its_own_and_those_that_a_reply_brings_back(spelling: str) -> None:
    contents = [_turn(_blob(OTHER)), _turn(base64.b64encode(OLD).decode(), spelling), _turn("bm8gcGljdHVyZQ==")]
    assert _said({"differentFrom": "input"}, OLD, contents=contents) == [
        (
            False,
            "the image is not different from picture 2 of the request: the same file; expected SSIM or colours below 0.95",
        )
    ]
    assert _said({"similarTo": {"input": True}}, OTHER, contents=contents) == [
        (True, "the image is similar to picture 1 of the request: the same file; expected SSIM and colours of 0.9 or more")
    ]  # fmt: skip


def test_a_request_without_pictures_has_nothing_to_differ_from_and_that_fails() -> None:
    assert _said({"differentFrom": "input"}, OLD, contents=[{"parts": [{"text": "x"}]}]) == [
        (False, "the image can't be compared: the request has no picture")
    ]


def test_an_answer_without_a_picture_meets_nothing() -> None:
    nothing = [(False, "the answer has no image to look at")]
    assert _said({"similarTo": "ref.png"}, files=[_blob(OLD)]) == nothing
    assert _said({"differentFrom": "ref.png"}, files=[_blob(OLD)]) == nothing
    assert _said({"blank": False}) == nothing
    assert _said({"transparent": False}) == nothing


def test_what_can_not_be_opened_fails_and_says_so(tmp_path: Path) -> None:
    broken = _blob(OLD[:2000])
    assert _said({"similarTo": "ref.png"}, OLD, files=[broken]) == [
        (
            False,
            "the image can't be compared: the old picture can't be opened: it is damaged, cut short, or no picture",
        )
    ]
    (tmp_path / "ref.png").write_bytes(OTHER)
    changed = Blob(media_type="image/png", size=1, sha256="0" * 64, path=tmp_path / "ref.png")
    assert _said({"similarTo": "ref.png"}, OLD, files=[changed]) == [
        (False, "the image can't be compared: ref.png changed while promptc ran; run the command again")
    ]


def test_the_accepted_recording_is_similar_to_itself() -> None:
    assert _said({"similarTo": "recording"}, OLD, accepted=_recorded(OLD)) == [
        (True, "the image is the accepted recording itself")
    ]


def test_the_first_answer_has_nothing_to_be_similar_to() -> None:
    (verdict,) = _verdicts({"similarTo": "recording"}, OLD)
    assert (verdict.passed, verdict.holds_back) == (True, False)
    assert verdict.message == "this answer is the first: there is no accepted recording to compare it with"


@pytest.mark.parametrize(
    ("pictures", "accepted", "expected"),
    [
        (
            [CLOSE],
            [OLD],
            (True, f"the image is similar to the accepted recording: {ALIKE}; expected SSIM and colours of 0.9 or more"),
        ),
        (
            [OTHER],
            [OLD],
            (False, f"the image is not similar to the accepted recording: {APART}; expected SSIM and colours of 0.9 or more"),
        ),
        ([], [OLD], (False, "the answer has no images, the accepted recording has 1 image")),
        ([OLD], [OLD, OTHER], (False, "the answer has 1 image, the accepted recording has 2 images")),
        ([], [], (False, "the answer has no images, the accepted recording has no images")),
        (
            [OLD[:2000]],
            [OLD],
            (
                False,
                ("the answer can't be compared with the accepted recording: "
                "the new picture can't be opened: it is damaged, cut short, or no picture"),
            ),
        ),
    ],
)  # fmt: skip
def test_a_new_answer_is_compared_with_the_accepted_one_and_held_back_if_it_differs(
    pictures: list[bytes], accepted: list[bytes], expected: tuple[bool, str]
) -> None:
    (verdict,) = _verdicts({"similarTo": {"recording": True}}, *pictures, accepted=_recorded(*accepted))
    assert (verdict.passed, verdict.message) == expected
    assert verdict.holds_back


def test_an_accepted_recording_that_can_not_be_read_holds_a_new_answer_back() -> None:
    def unreadable() -> Sequence[bytes]:
        raise CassetteError(lost("c.yaml", "c.1.1.png").diagnostic)

    (verdict,) = _verdicts({"similarTo": "recording"}, OLD, accepted=Accepted(pictures=unreadable))
    assert (verdict.passed, verdict.holds_back) == (False, True)
    assert verdict.message == (
        f"the answer can't be compared with the accepted recording: {lost('c.yaml', 'c.1.1.png').diagnostic.message}"
    )


def test_nobody_reads_the_accepted_pictures_unless_something_asks_for_them() -> None:
    def never() -> Sequence[bytes]:
        raise AssertionError

    assert _said({"blank": False}, OLD, accepted=Accepted(pictures=never)) == [
        (True, "the image is not blank: its pixels are 252 of 255 levels apart")
    ]


@pytest.mark.parametrize(
    ("picture", "levels"),
    [
        (flat((250, 250, 250)), 0),
        (flat((0, 0, 0, 0)), 0),
        (noisy(flat((120, 120, 120), (200, 200)), 0.02), 5),
    ],
)
def test_a_picture_of_one_colour_or_almost_is_blank(picture: Image.Image, levels: int) -> None:
    told = f"the image is blank: its pixels are {levels} of 255 levels apart"
    assert _said({"blank": True}, encoded(picture)) == [(True, told)]
    assert _said({"blank": False}, encoded(picture)) == [(False, f"{told}, expected more than one colour")]


def test_what_shows_on_one_ground_only_is_not_blank() -> None:
    white = flat((255, 255, 255, 0), (100, 100))
    ImageDraw.Draw(white).rectangle((40, 40, 60, 60), fill=(255, 255, 255, 255))
    told = "the image is not blank: its pixels are 255 of 255 levels apart"
    assert _said({"blank": False}, encoded(white)) == [(True, told)]
    assert _said({"blank": True}, encoded(white)) == [(False, f"{told}, expected one colour, or almost")]


def test_a_picture_with_pixels_that_are_not_opaque_is_transparent() -> None:
    opaque, clear = flat((1, 2, 3, 255)), flat((1, 2, 3, 255))
    clear.putpixel((5, 5), (1, 2, 3, 254))
    assert _said({"transparent": False}, encoded(opaque)) == [(True, "the image is opaque")]
    assert _said({"transparent": True}, encoded(opaque)) == [(False, "the image is opaque, expected transparency")]
    told = "the image has pixels that are not opaque"
    assert _said({"transparent": True}, encoded(clear)) == [(True, told)]
    assert _said({"transparent": False}, encoded(clear)) == [(False, f"{told}, expected none")]
