"""Answers, and what is said of them."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image

from promptc.canonical import canonical
from promptc.request import Expectation, Request
from promptc.response import Picture, Response
from promptc.review.verdicts import judge


def picture(
    width: int, height: int, form: str = "PNG", *, thought: bool = False, declared: str = "image/png"
) -> Picture:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, form)
    return Picture(data=out.getvalue(), declared=declared, thought=thought)


def request(expect: Mapping[str, Any] | None = None, model: str = "gemini-3-pro-image", **config: Any) -> Request:
    table: Any = canonical(expect or {}, schema="expect.schema").tree
    return Request(
        spec="s",
        case="c",
        step=1,
        steps=1,
        method="generateContent",
        model=model,
        contents=({"parts": [{"text": "x"}], "role": "user"},),
        rest={"generationConfig": config} if config else {},
        unchecked={},
        places={},
        expect=Expectation(table=table),
    )


def answer(**fields: Any) -> Response:
    return Response(**{"status": 200, "finish_reason": "STOP", "parts": [{}], **fields})


def said(expect: Mapping[str, Any] | None, response: Response, **config: Any) -> list[tuple[str, bool, str]]:
    return [(v.expectation, v.passed, v.message) for v in judge(request(expect, **config), response)]


STOP = ("finishReason", True, "the answer ended with STOP, expected STOP")


def unmet(expect: Mapping[str, Any] | None, response: Response, **config: Any) -> list[str]:
    """Return the messages of what an answer does not meet."""
    return [message for _, passed, message in said(expect, response, **config) if not passed]


def met(expect: Mapping[str, Any], response: Response, **config: Any) -> list[str]:
    """Return the messages of what an answer meets besides ending well; it must meet everything."""
    assert unmet(expect, response, **config) == []
    return [message for name, _, message in said(expect, response, **config) if name != "finishReason"]
