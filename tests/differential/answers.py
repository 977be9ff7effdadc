"""Intents about the form of the answer: JSON and its schemas, pictures, speech."""

from enum import Enum

from google.genai import types
from pydantic import BaseModel, Field

from tests.differential.intent import PAINTER, SPEAKER, Intent, configured, prompted

_VOICE = types.VoiceConfig(prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Kore"))


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Moth(BaseModel):
    """A moth of the collection."""

    latin_name: str = Field(description="Genus and species")
    wing_span: float | None = None
    size: Size
    food_plants: list[str]


_MOTH_SCHEMA = """
description = "A moth of the collection."
title = "Moth"
type = "OBJECT"
required = ["latin_name", "size", "food_plants"]
propertyOrdering = ["latin_name", "wing_span", "size", "food_plants"]
properties.latin_name = { description = "Genus and species", title = "Latin Name", type = "STRING" }
properties.wing_span = { title = "Wing Span", type = "NUMBER", nullable = true }
properties.size = { title = "Size", type = "STRING", enum = ["small", "large"] }
properties.food_plants = { title = "Food Plants", type = "ARRAY", items = { type = "STRING" } }
"""

_JSON_SCHEMA = {
    "type": "object",
    "properties": {"latin_name": {"type": "string"}, "wing_span": {"type": ["number", "null"], "minimum": 0.0}},
    "required": ["latin_name"],
    "additionalProperties": False,
}

ANSWERS = (
    Intent(
        name="json-text",
        ask=configured(response_mime_type="application/json"),
        spec=prompted('[generationConfig]\nresponseMimeType = "application/json"'),
    ),
    Intent(
        name="response-schema-as-a-dict",
        ask=configured(
            response_mime_type="application/json",
            response_schema={
                "type": "object",
                "properties": {
                    "latin_name": {"type": "string", "min_length": 3},
                    "wing_span": {"type": "number", "nullable": True},
                },
                "required": ["latin_name"],
            },
        ),
        # the order of the properties is not the user's: the SDK adds it
        spec=prompted(
            """
            [generationConfig]
            responseMimeType = "application/json"

            [generationConfig.responseSchema]
            type = "OBJECT"
            required = ["latin_name"]
            propertyOrdering = ["latin_name", "wing_span"]
            properties.latin_name = { type = "STRING", minLength = 3 }
            properties.wing_span = { type = "number", nullable = true }
            """
        ),
    ),
    Intent(
        name="response-schema-of-a-model-class",
        ask=configured(response_mime_type="application/json", response_schema=Moth),
        spec=prompted(
            f"""
            [generationConfig]
            responseMimeType = "application/json"

            [generationConfig.responseSchema]
            {_MOTH_SCHEMA}
            """
        ),
    ),
    Intent(
        name="response-schema-of-a-list",
        ask=configured(response_mime_type="application/json", response_schema=list[int]),
        # nor is this title the user's
        spec=prompted(
            """
            [generationConfig]
            responseMimeType = "application/json"
            responseSchema = { type = "ARRAY", title = "Placeholder", items = { type = "INTEGER" } }
            """
        ),
    ),
    Intent(
        name="response-schema-of-an-enum",
        ask=configured(response_mime_type="text/x.enum", response_schema=Size),
        spec=prompted(
            """
            [generationConfig]
            responseMimeType = "text/x.enum"
            responseSchema = { type = "STRING", title = "Size", enum = ["small", "large"] }
            """
        ),
    ),
    Intent(
        name="response-json-schema",
        ask=configured(response_mime_type="application/json", response_json_schema=_JSON_SCHEMA),
        spec=prompted(
            """
            [generationConfig]
            responseMimeType = "application/json"

            [generationConfig.responseJsonSchema]
            type = "object"
            required = ["latin_name"]
            additionalProperties = false
            properties.latin_name = { type = "string" }
            properties.wing_span = { type = ["number", "null"], minimum = 0.0 }
            """
        ),
    ),
    Intent(
        name="media-resolution",
        ask=configured(media_resolution=types.MediaResolution.MEDIA_RESOLUTION_LOW),
        spec=prompted('[generationConfig]\nmediaResolution = "media_resolution_low"'),
    ),
    Intent(
        name="image-config",
        ask=configured(
            model=PAINTER,
            response_modalities=["Text", "Image"],
            image_config=types.ImageConfig(aspect_ratio="1:1", image_size="4K"),
        ),
        spec=prompted(
            """
            [generationConfig]
            responseModalities = ["TEXT", "IMAGE"]
            imageConfig = { aspectRatio = "1:1", imageSize = "4K" }
            """,
            model=PAINTER,
        ),
    ),
    Intent(
        name="image-config-with-modality-members",
        ask=configured(
            model=PAINTER, response_modalities=[types.Modality.IMAGE], image_config={"aspect_ratio": "21:9"}
        ),
        spec=prompted(
            '[generationConfig]\nresponseModalities = "IMAGE"\nimageConfig = { aspectRatio = "21:9" }', model=PAINTER
        ),
    ),
    Intent(
        name="image-config-empty",
        ask=configured(model=PAINTER, image_config=types.ImageConfig()),
        spec=prompted("[generationConfig]\nimageConfig = {}", model=PAINTER),
    ),
    Intent(
        name="speech",
        ask=configured(
            model=SPEAKER,
            response_modalities=["AUDIO"],
            speech_config=types.SpeechConfig(voice_config=_VOICE, language_code="de-DE"),
        ),
        spec=prompted(
            """
            [generationConfig]
            responseModalities = ["AUDIO"]
            speechConfig.languageCode = "de-DE"
            speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName = "Kore"
            """,
            model=SPEAKER,
        ),
    ),
    Intent(
        name="speech-by-the-voice-name",
        ask=configured(model=SPEAKER, response_modalities=["AUDIO"], speech_config="Kore"),
        spec=prompted(
            """
            [generationConfig]
            responseModalities = ["AUDIO"]
            speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName = "Kore"
            """,
            model=SPEAKER,
        ),
    ),
    Intent(
        name="speech-of-two",
        ask=configured(
            model=SPEAKER,
            response_modalities=["AUDIO"],
            speech_config=types.SpeechConfig(
                multi_speaker_voice_config=types.MultiSpeakerVoiceConfig(
                    speaker_voice_configs=[
                        types.SpeakerVoiceConfig(speaker="Ada", voice_config=_VOICE),
                        types.SpeakerVoiceConfig(speaker="Ben", voice_config=_VOICE),
                    ]
                )
            ),
        ),
        spec=prompted(
            """
            [generationConfig]
            responseModalities = ["AUDIO"]

            [[generationConfig.speechConfig.multiSpeakerVoiceConfig.speakerVoiceConfigs]]
            speaker = "Ada"
            voiceConfig = { prebuiltVoiceConfig = { voiceName = "Kore" } }

            [[generationConfig.speechConfig.multiSpeakerVoiceConfig.speakerVoiceConfigs]]
            speaker = "Ben"
            voice_config = { prebuilt_voice_config = { voice_name = "Kore" } }
            """,
            model=SPEAKER,
        ),
    ),
)
