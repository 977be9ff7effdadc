"""The pictures of real answers: measured, compared and judged, beside what Pillow alone says of them."""

import base64
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from promptc.canonical import canonical
from promptc.models import built_in, nearest_ratio, ratio_value
from promptc.response import Response, read
from promptc.review.comparison import compare, difference
from promptc.review.evening import even, upright_sides
from promptc.review.pictures import measure
from tests.review.answers import said
from tests.review.pictures import encoded, reopened

_BASE64 = re.compile(rb'"data"\s*:\s*"([A-Za-z0-9+/_=\\-]{40,})"')


def _answers(corpus: Path) -> Iterator[tuple[dict[str, Any], bytes, Response]]:
    """Yield the answers that hold pictures: their row, their bytes, and what our reader makes of them."""
    for line in (corpus / "responses" / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["image_parts"]:
            data = (corpus / "responses" / row["file"]).read_bytes()
            kind = "text/event-stream" if row["file"].endswith(".sse") else "application/json"
            yield row, data, read(row["status"] or 200, {"content-type": kind}, data)


def _asked(corpus: Path, row: dict[str, Any]) -> str | None:
    """Return the ratio that an answer's request asked for; None where it asks for none, or is not at hand."""
    file = corpus / "requests" / (row["request"] or "-")
    body: Any = canonical(json.loads(file.read_text())).tree if file.is_file() else {}
    ratio: str | None = body.get("generationConfig", {}).get("imageConfig", {}).get("aspectRatio")
    return ratio


def test_types_and_sizes_of_real_pictures_are_those_that_pillow_alone_sees(corpus: Path) -> None:
    seen = 0
    for row, data, answer in _answers(corpus):
        whole = [base64.b64decode(text.replace(b"\\/", b"/"), altchars=b"-_") for text in _BASE64.findall(data)]
        alone = []
        for bytes_ in whole:
            try:
                with Image.open(BytesIO(bytes_)) as picture:
                    alone.append((Image.MIME[str(picture.format)], picture.size))
            except OSError:  # a signature, or a picture that the mock has only named
                continue
        measured = [(p.media_type, measure(p.data)) for p in answer.images]
        assert [each for each in measured if each[1]] == alone, row["file"]
        assert len(answer.images) == row["image_parts"], row["file"]
        seen += len(alone)
    assert seen >= 4


def test_real_pictures_are_the_same_as_themselves_and_like_what_is_made_of_them(corpus: Path) -> None:
    for row, _, answer in _answers(corpus):
        for picture in answer.images:
            if not measure(picture.data):
                continue
            assert upright_sides(picture.data) == measure(picture.data)
            again = compare(picture.data, encoded(even(picture.data).colours, compress_level=1))
            assert (again.changed, again.ssim) == (0.0, 1.0), row["file"]
            smaller = compare(picture.data, encoded(reopened(picture.data).convert("RGB"), "JPEG", quality=70))
            assert 0.8 < smaller.likeness < 1, row["file"]
            assert difference(picture.data, picture.data)


def test_real_pictures_have_the_ratio_that_was_asked_for_or_one_that_their_model_draws(corpus: Path) -> None:
    for row, _, answer in _answers(corpus):
        model = built_in().find(row["model"] or "")
        for picture in answer.images:
            sides = measure(picture.data)
            if not sides or not model:
                continue
            ratio = _asked(corpus, row) or nearest_ratio(*sides, list(model.aspect_ratios))
            unmet = said({"images": {"aspectRatio": ratio}}, answer, imageConfig={"aspectRatio": ratio})
            assert [verdict for verdict in unmet if not verdict[1]] == [], row["file"]
            other = next(each for each in model.aspect_ratios if abs(ratio_value(each) / ratio_value(ratio) - 1) > 0.3)
            found = [v for v in said({"images": {"aspectRatio": other}}, answer) if not v[1]]
            expected = f"the image is {sides[0]}x{sides[1]}, nearest to {ratio}, expected {other}"
            assert found == [("images.aspectRatio", False, expected)], row["file"]
