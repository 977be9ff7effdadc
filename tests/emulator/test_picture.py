import base64
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from promptc.emulator.picture import FOOTER, Frame, draw, frame
from promptc.emulator.server import Emulator
from promptc.models import Model, built_in, find, pixels
from tests.emulator.wire import BUTTERFLY, FLASH, OLD, PRO, call, png, post, prompt, small

NAMES = (FLASH, PRO, OLD, "gemini-3.1-flash-lite-image")


def known(name: str) -> Model:
    model = find(name)
    assert model is not None
    return model


FRAMES = [
    (name, ratio, size) for name in NAMES for ratio in known(name).aspect_ratios for size in known(name).image_tokens
]


@pytest.mark.parametrize(("name", "ratio", "size"), FRAMES)
def test_every_ratio_and_size_of_a_model_is_framed_as_asked(name: str, ratio: str, size: str) -> None:
    framed = frame(call(prompt(imageConfig={"aspectRatio": ratio, "imageSize": size}), name))

    assert framed == Frame(ratio=ratio, size=size)
    assert framed.pixels == pixels(ratio, size)


@pytest.mark.parametrize("ratio", known(FLASH).aspect_ratios)
def test_small_pictures_of_every_ratio_have_their_pixels(ratio: str) -> None:
    drawn = draw(call(prompt(imageConfig={"aspectRatio": ratio, "imageSize": "512"})))

    with Image.open(BytesIO(drawn.data)) as image:
        image.load()
        assert image.size == pixels(ratio, "512")
        assert image.format == "PNG"
        assert image.mode == "P"


def test_a_4k_picture_is_quick_to_send() -> None:
    drawn = draw(call(prompt(imageConfig={"aspectRatio": "1:1", "imageSize": "4K"})))

    with Image.open(BytesIO(drawn.data)) as image:
        assert image.size == (4096, 4096)
    assert len(drawn.data) < 150_000


def test_the_media_type_is_the_models() -> None:
    drawn = draw(call(prompt(), PRO))

    assert drawn.media_type == "image/jpeg"
    with Image.open(BytesIO(drawn.data)) as image:
        assert image.format == "JPEG"
        assert image.info["comment"] == FOOTER.encode()


def test_without_a_ratio_the_first_input_picture_gives_it() -> None:
    tree = prompt()
    tree["contents"][0]["parts"] += [
        {"inlineData": {"mimeType": "image/heic", "data": "AAAA"}},  # Pillow can't read it
        {"inlineData": {"mimeType": "image/png", "data": png(160, 91)}},
        {"inlineData": {"mimeType": "image/png", "data": png(10, 90)}},
    ]

    assert frame(call(tree)) == Frame(ratio="16:9", size="1K")


def test_without_a_ratio_and_a_picture_it_is_a_square() -> None:
    assert frame(call(prompt())) == Frame(ratio="1:1", size="1K")


def test_what_the_model_cannot_do_becomes_the_nearest_it_can() -> None:
    tree = prompt(imageConfig={"aspectRatio": "8:1", "imageSize": "4K"})

    assert frame(call(tree, OLD)) == Frame(ratio="21:9", size="1K")


def test_a_size_of_the_projects_own_is_drawn_where_memory_holds_it() -> None:
    model = built_in().with_row("mothra-1", {"like": FLASH, "imageSizes": ["8K", "9K"]}).find("mothra-1")
    sizes = [
        frame(replace(call(prompt(imageConfig={"imageSize": size}), "mothra-1"), known=model)).size
        for size in ("8K", "9K")
    ]

    assert model
    assert sizes == ["8K", model.default_size]


def test_an_unknown_model_draws_like_the_stand_in_model() -> None:
    tree = prompt(imageConfig={"aspectRatio": "8:1", "imageSize": "512"}, responseModalities=["IMAGE"])

    assert frame(call(tree, "gemini-9-image")) == Frame(ratio="8:1", size="512")


def test_one_call_has_one_picture_byte_for_byte() -> None:
    assert draw(call(small())) == draw(call(small()))


def test_two_fingerprints_have_two_pictures_though_their_words_are_one() -> None:
    one = draw(call(small(), fingerprint="v1:" + "00" * 32))
    other = draw(call(small(), fingerprint="v1:01" + "00" * 31))

    assert one.data != other.data


def test_a_request_has_the_same_answer_twice_and_another_prompt_another_picture(emulator: Emulator) -> None:
    one, again, other = post(emulator, small()), post(emulator, small()), post(emulator, small("A Luna moth"))

    assert one.body == again.body
    assert one.headers.items() == again.headers.items()
    assert one.parts[-1] != other.parts[-1]


@pytest.mark.parametrize(
    "words",
    ["", "x" * 5000, "short " * 900, "Ein Schmetterling, größer", "蝶" * 400, "\u202e\x00\x07 odd", "🦋"],
    ids=["none", "one-long-word", "many-words", "umlauts", "no-spaces", "controls", "emoji"],
)
@pytest.mark.parametrize("ratio", ["1:8", "1:1", "8:1"])
def test_any_words_fit_on_any_picture(words: str, ratio: str) -> None:
    drawn = draw(call(prompt(words, imageConfig={"aspectRatio": ratio, "imageSize": "512"})))

    assert drawn.frame.ratio == ratio


def test_the_words_are_drawn_large_enough_to_read() -> None:
    drawn = draw(call(small(BUTTERFLY)))
    blank = draw(call(small("")))

    with Image.open(BytesIO(drawn.data)) as image, Image.open(BytesIO(blank.data)) as other:
        ink = image.convert("L").histogram()[:60]
        assert sum(ink) > sum(other.convert("L").histogram()[:60]) + image.width * image.height // 100


def test_the_second_picture_of_a_chat_is_another(emulator: Emulator) -> None:
    first = post(emulator, small())
    body = small()
    body["contents"] += [
        first.json["candidates"][0]["content"],
        {"role": "user", "parts": [{"text": "Make it blue"}]},
    ]
    second = post(emulator, body)

    assert second.status == 200
    assert first.parts[-1]["inlineData"]["data"] != second.parts[-1]["inlineData"]["data"]
    assert base64.b64decode(second.parts[-1]["inlineData"]["data"]).startswith(b"\x89PNG")
