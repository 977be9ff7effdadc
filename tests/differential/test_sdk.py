"""The official Python SDK and promptc say the same to the API, each in its own spelling."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import types

from tests.differential.answers import ANSWERS
from tests.differential.chats import CHATS, replies, streamed_chat
from tests.differential.config import CONFIG
from tests.differential.contents import CONTENTS
from tests.differential.functions import FUNCTIONS
from tests.differential.intent import Intent, answer, configured, prompted
from tests.differential.loopback import Loopback
from tests.differential.recording import KEY, record, said
from tests.differential.same import assert_same, mark
from tests.differential.tools import TOOLS

INTENTS = (*CONTENTS, *CONFIG, *ANSWERS, *TOOLS, *FUNCTIONS, *CHATS)


@pytest.fixture
def client(server: Loopback) -> Iterator[genai.Client]:
    with genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=server.base_url)) as client:
        yield client


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.name)
def test_both_say_the_same(intent: Intent, client: genai.Client, server: Loopback, tmp_path: Path) -> None:
    server.expect(intent.answers)
    intent.ask(client)
    theirs = server.sent

    server.expect(intent.answers)
    result = record(intent.spec, server, tmp_path)
    ours = server.sent

    assert_same(theirs, ours, said(result))
    (case,) = result.results
    assert [step.fingerprint for step in case.steps] == [mark(their) for their in theirs]


def test_the_two_spell_a_request_differently(client: genai.Client, server: Loopback, tmp_path: Path) -> None:
    """The comparison is worth something only as long as the bodies differ before their canonical form."""
    intent = next(intent for intent in INTENTS if intent.name == "image-bytes")
    server.expect(intent.answers)
    intent.ask(client)
    record(intent.spec, server, tmp_path)

    their, our = (sent.body["contents"][0]["parts"][0]["inlineData"] for sent in server.sent)
    assert (sorted(their), sorted(our)) == (["data", "mime_type"], ["data", "mimeType"])
    assert set(their["data"]) & set("-_")
    assert set(our["data"]) & set("+/")


def test_a_streamed_reply_is_one_turn_of_ours_and_one_for_each_event_of_theirs(
    client: genai.Client, server: Loopback, tmp_path: Path
) -> None:
    """No spelling: the SDK's chats really send other contents; the parts are the same, in the same order."""
    events = [answer({"text": "As you "}, finish=None), answer({"text": "wish."}, {"text": "Done."})]
    server.expect([events])
    streamed_chat("Who are you?", "Thanks")(client)
    theirs = server.sent[-1]
    server.expect([events])
    record(replies('text = "Who are you?"', 'text = "Thanks"', top="stream = true"), server, tmp_path)
    ours = server.sent[-1]

    assert [content["role"] for content in theirs.body["contents"]] == ["user", "model", "model", "user"]
    assert [content["role"] for content in ours.body["contents"]] == ["user", "model", "user"]
    their_parts, our_parts = (
        [part for content in sent.body["contents"] for part in content["parts"]] for sent in (theirs, ours)
    )
    assert their_parts == our_parts
    assert mark(theirs) != mark(ours)


REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("audioTimestamp", {"audio_timestamp": True}, "[generationConfig]\naudioTimestamp = true"),
    (
        "personGeneration",
        {"image_config": {"person_generation": "ALLOW_ADULT"}},
        '[generationConfig.imageConfig]\npersonGeneration = "ALLOW_ADULT"',
    ),
    (
        "outputMimeType",
        {"image_config": {"output_mime_type": "image/jpeg"}},
        '[generationConfig.imageConfig]\noutputMimeType = "image/jpeg"',
    ),
    (
        "imageOutputOptions",
        {"image_config": {"image_output_options": {"mime_type": "image/jpeg"}}},
        '[generationConfig.imageConfig.imageOutputOptions]\nmimeType = "image/jpeg"',
    ),
    (
        "modelArmorConfig",
        {"model_armor_config": {"prompt_template_name": "moths"}},
        '[modelArmorConfig]\npromptTemplateName = "moths"',
    ),
    ("routingConfig", {"routing_config": {"auto_mode": {}}}, "[generationConfig.routingConfig]\nautoMode = {}"),
    (
        "method",
        {"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "SEVERITY"}]},
        '[[safetySettings]]\ncategory = "HARM_CATEGORY_HARASSMENT"\nthreshold = "OFF"\nmethod = "SEVERITY"',
    ),
    (
        "excludeDomains",
        {"tools": [{"google_search": {"exclude_domains": ["example.com"]}}]},
        '[[tools]]\ngoogleSearch = { excludeDomains = ["example.com"] }',
    ),
    ("enterpriseWebSearch", {"tools": [{"enterprise_web_search": {}}]}, "[[tools]]\nenterpriseWebSearch = {}"),
    (
        "retrieval",
        {"tools": [{"retrieval": {"vertex_ai_search": {"datastore": "moths"}}}]},
        '[[tools]]\nretrieval = { vertexAiSearch = { datastore = "moths" } }',
    ),
)
"""Fields of another API: what they are called, and how both sides would write them."""


@pytest.mark.parametrize(("name", "config", "tables"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_both_refuse_what_another_api_knows(
    name: str, config: dict[str, Any], tables: str, client: genai.Client, server: Loopback, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="only supported in Gemini Enterprise"):
        configured(**config)(client)
    result = record(prompted(tables), server, tmp_path)

    assert not result.good
    assert any(message.endswith(f"unknown key `{name}`") for message in said(result)), said(result)
    assert server.sent == []
