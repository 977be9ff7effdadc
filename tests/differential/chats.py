"""Intents that take more than a call: streams, async, and the SDK's chats beside `reply = true`."""

import asyncio
from collections.abc import Iterable
from typing import Any

from google import genai
from google.genai import types

from tests.differential.contents import SIGNATURE
from tests.differential.intent import (
    MODEL,
    PAINTER,
    PARCHMENT,
    PROMPT,
    WING,
    WORDS,
    Ask,
    Intent,
    answer,
    base64_of,
    prompted,
    stream,
)

_SIGNATURE = base64_of(SIGNATURE)
_PICTURES = {"response_modalities": ["TEXT", "IMAGE"], "image_config": {"aspect_ratio": "3:2"}}
_PICTURES_TOML = '[generationConfig]\nresponseModalities = ["TEXT", "IMAGE"]\nimageConfig = { aspectRatio = "3:2" }\n'
_THOUGHT_PICTURE = answer(
    {"text": "Wings first.", "thought": True},
    {"inlineData": {"mimeType": "image/jpeg", "data": base64_of(PARCHMENT)}, "thought": True},
    {"text": "Here it is:"},
    {"inlineData": {"mimeType": "image/png", "data": base64_of(WING)}, "thoughtSignature": _SIGNATURE},
)


def _chat(messages: Iterable[Any], config: Any = None, *, model: str = MODEL) -> Ask:
    def ask(client: genai.Client) -> None:
        chat = client.chats.create(model=model, config=config)
        for message in messages:
            chat.send_message(message)

    return ask


def streamed_chat(*messages: str) -> Ask:
    def ask(client: genai.Client) -> None:
        chat = client.chats.create(model=MODEL)
        for message in messages:
            list(chat.send_message_stream(message))

    return ask


def _waited(client: genai.Client) -> None:
    async def ask() -> None:
        async with client.aio as waiting:
            await waiting.models.generate_content(model=MODEL, contents=PROMPT, config={"top_k": 40})

    asyncio.run(ask())


def replies(*turns: str, tables: str = "", top: str = "", model: str = MODEL) -> str:
    """Return a spec in which an answer stands between each two turns."""
    reply = "\n\n[[turns]]\nreply = true\n\n"
    return f'model = "{model}"\n{top}\n' + reply.join(f"[[turns]]\n{turn}" for turn in turns) + f"\n\n{tables}\n"


CHATS = (
    Intent(name="async", ask=_waited, spec=prompted("[generationConfig]\ntopK = 40")),
    Intent(
        name="stream",
        ask=stream(),
        spec=prompted(top="stream = true"),
        answers=([answer({"text": "As you "}, finish=None), answer({"text": "wish."})],),
    ),
    Intent(
        name="stream-of-a-picture",
        ask=stream(PROMPT, _PICTURES, model=PAINTER),
        spec=prompted(_PICTURES_TOML, top="stream = true", model=PAINTER),
        answers=([_THOUGHT_PICTURE],),
    ),
    Intent(
        name="chat-about-a-picture",
        ask=_chat(["Draw a moth", "Now open the wings."], _PICTURES, model=PAINTER),
        spec=replies('text = "Draw a moth"', 'text = "Now open the wings."', tables=_PICTURES_TOML, model=PAINTER),
        answers=([_THOUGHT_PICTURE],),
    ),
    Intent(
        name="chat-of-three-turns",
        ask=_chat(["Who are you?", "Which moths do you know?", "Thanks"], {"system_instruction": "Be brief."}),
        spec=replies(
            'text = "Who are you?"',
            'text = "Which moths do you know?"',
            'text = "Thanks"',
            top='systemInstruction = { role = "user", parts = [{ text = "Be brief." }] }',
        ),
        answers=(
            [answer({"text": "A model.", "thoughtSignature": _SIGNATURE})],
            [answer({"text": "All of them."}, {"text": "", "thoughtSignature": _SIGNATURE})],
            WORDS,
        ),
    ),
    Intent(
        name="chat-that-starts-with-a-picture",
        ask=_chat(
            [["Mend this", types.Part.from_bytes(data=WING, mime_type="image/png")], "Now in blue"], model=PAINTER
        ),
        spec=replies(
            'parts = [{ text = "Mend this" }, { image = "images/wing.png" }]', 'text = "Now in blue"', model=PAINTER
        ),
        answers=([_THOUGHT_PICTURE],),
    ),
    Intent(
        name="chat-with-url-safe-base64-in-the-answer",
        ask=_chat(["Draw a moth", "Now in blue"], model=PAINTER),
        spec=replies('text = "Draw a moth"', 'text = "Now in blue"', model=PAINTER),
        answers=(
            [
                answer(
                    {
                        "inlineData": {
                            "mimeType": "image/png",
                            "data": base64_of(WING).translate({ord("+"): "-", ord("/"): "_"}),
                        },
                        "thoughtSignature": _SIGNATURE.translate({ord("+"): "-", ord("/"): "_"}),
                    }
                )
            ],
        ),
    ),
    Intent(
        name="chat-about-code-that-ran",
        ask=_chat(["Count the moths", "And now?"], {"tools": [{"code_execution": {}}]}),
        spec=replies('text = "Count the moths"', 'text = "And now?"', tables="[[tools]]\ncodeExecution = {}"),
        answers=(
            [
                answer(
                    {"executableCode": {"language": "PYTHON", "code": "print(6 * 7)", "id": "run-1"}},
                    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "42\n", "id": "run-1"}},
                    {"text": "There are 42."},
                )
            ],
        ),
    ),
    Intent(
        name="chat-streamed-in-one-event",
        ask=streamed_chat("Who are you?", "Thanks"),
        spec=replies('text = "Who are you?"', 'text = "Thanks"', top="stream = true"),
        answers=([answer({"text": "A model.", "thoughtSignature": _SIGNATURE})],),
    ),
)
