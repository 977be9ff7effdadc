"""Requests for text and speech: sampling, thinking, response formats, safety."""

from tests.mutations.sample import Sample, ask

_SCHEMA = {
    "title": "Moth",
    "description": "A moth",
    "type": "OBJECT",
    "properties": {
        "mime_type": {"type": "STRING", "minLength": "1", "maxLength": 40, "pattern": "^a/b$", "format": "enum"},
        "colour": {"type": "STRING", "enum": ["red", "blue"], "nullable": True, "default": "red", "example": "blue"},
        "span": {"type": "NUMBER", "minimum": 0.5, "maximum": 30},
        "places": {"type": "ARRAY", "items": {"type": "STRING"}, "minItems": "1", "maxItems": 9},
        "host": {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}, {"type": "NULL"}]},
        "extra": {"type": "OBJECT", "minProperties": 0, "maxProperties": "3"},
    },
    "required": ["colour"],
    "propertyOrdering": ["colour", "span"],
}

WORDS = (
    Sample("text", None, {"contents": [ask("Which moth is this?")]}),
    Sample(
        "text-with-everything-about-sampling",
        None,
        {
            "model": "models/gemini-2.5-flash",
            "contents": [ask("Which moth is this?")],
            "systemInstruction": {"role": "user", "parts": [{"text": "Be short."}]},
            "cachedContent": "cachedContents/abc",
            "serviceTier": "flex",
            "store": False,
            "generationConfig": {
                "temperature": 0.4,
                "topP": 0.9,
                "topK": 40,
                "candidateCount": 2,
                "maxOutputTokens": 1000,
                "stopSequences": ["END", "STOP"],
                "presencePenalty": 0.1,
                "frequencyPenalty": -0.1,
                "responseLogprobs": True,
                "logprobs": 3,
                "seed": -5,
                "enableEnhancedCivicAnswers": False,
                "responseMimeType": "text/plain",
            },
        },
    ),
    Sample(
        "thinking-with-a-budget",
        None,
        {
            "contents": [ask("Count the spots")],
            "generationConfig": {"thinkingConfig": {"thinkingBudget": 1024, "includeThoughts": True}},
        },
    ),
    Sample(
        "thinking-with-a-level-in-snake-case",
        None,
        {
            "contents": [ask("Count the legs")],
            "generation_config": {"thinking_config": {"thinking_level": "medium", "include_thoughts": False}},
        },
    ),
    Sample(
        "safety",
        None,
        {
            "contents": [ask("A wasp")],
            "safetySettings": [
                {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_ONLY_HIGH"},
                {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "threshold": "OFF"},
                {"category": 7, "threshold": 3},
            ],
        },
    ),
    Sample(
        "a-json-answer",
        None,
        {
            "contents": [ask("Describe it")],
            "generationConfig": {"responseMimeType": "application/json", "responseSchema": _SCHEMA},
        },
    ),
    Sample(
        "a-json-answer-by-json-schema",
        None,
        {
            "contents": [ask("Describe it")],
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": {"type": "object", "properties": {"mime_type": {"type": "string"}}},
            },
        },
    ),
    Sample(
        "a-json-answer-by-the-older-name",
        None,
        {"contents": [ask("x")], "generationConfig": {"_responseJsonSchema": {"type": "array"}}},
    ),
    Sample(
        "a-json-answer-in-the-newer-spelling",
        None,
        {
            "contents": [ask("x")],
            "generationConfig": {
                "responseFormat": {"text": {"mimeType": "APPLICATION_JSON", "schema": {"type": "object"}}},
            },
        },
    ),
    Sample(
        "speech",
        None,
        {
            "contents": [ask("Say: a moth")],
            "generationConfig": {
                "responseModalities": ["AUDIO"],
                "speechConfig": {
                    "languageCode": "en-GB",
                    "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}},
                },
                "responseFormat": {
                    "audio": {
                        "mimeType": "AUDIO_OGG_OPUS",
                        "sampleRate": 24000,
                        "bitRate": 64000,
                        "delivery": "INLINE",
                    }
                },
            },
        },
    ),
    Sample(
        "speech-of-two",
        None,
        {
            "contents": [ask("A: moth? B: butterfly!")],
            "generationConfig": {
                "responseModalities": "audio",
                "speechConfig": {
                    "multiSpeakerVoiceConfig": {
                        "speakerVoiceConfigs": [
                            {"speaker": "A", "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}}},
                            {"speaker": "B", "voice_config": {"prebuilt_voice_config": {"voice_name": "Kore"}}},
                        ]
                    }
                },
                "enableAffectiveDialog": True,
            },
        },
    ),
    Sample(
        "listening",
        None,
        {
            "contents": [ask("Write down what is said", {"inlineData": {"mimeType": "audio/ogg", "data": "T2dnUw=="}})],
            "generationConfig": {
                "audioTranscriptionConfig": {
                    "mode": "VERBATIM",
                    "diarization": True,
                    "wordTimestamp": False,
                    "languageCodes": ["en", "de"],
                    "customVocabulary": ["Actias luna"],
                    "adaptationPhrases": ["proboscis"],
                    "languageAuto": {},
                    "languageHints": {"languageCodes": ["en"]},
                },
                "translationConfig": {"targetLanguageCode": "fr", "echoTargetLanguage": True},
            },
        },
    ),
)
