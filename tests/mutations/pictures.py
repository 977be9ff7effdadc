"""Requests for pictures and about pictures: one turn, several references, chats, videos."""

from tests.mutations.sample import FLASH, JPEG, LITE, OLD, PNG, PRO, SIGNATURE, WEBP, Sample, ask, inline

PICTURES = (
    Sample(
        "a-picture-from-text",
        FLASH,
        {
            "contents": [ask("A Monarch butterfly, anatomical sketch on parchment")],
            "generationConfig": {
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {"aspectRatio": "1:1", "imageSize": "4K"},
            },
        },
    ),
    Sample(
        "a-picture-from-text-in-snake-case",
        PRO,
        {
            "contents": {"parts": {"text": "A Luna moth at night"}},
            "generation_config": {
                "response_modalities": ["image"],
                "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
            },
            "safety_settings": {"category": "harm_category_harassment", "threshold": "block_none"},
        },
    ),
    Sample(
        "a-picture-from-a-picture",
        OLD,
        {
            "contents": [ask("Now in blue", inline(PNG))],
            "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "21:9"}},
        },
    ),
    Sample(
        "a-picture-from-three",
        LITE,
        {
            "contents": [
                {"parts": [inline(PNG), inline(JPEG, "image/jpeg"), inline(WEBP, "image/webp"), {"text": "As one"}]}
            ],
            "generationConfig": {
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {"aspectRatio": "8:1", "imageSize": "1K"},
                "thinkingConfig": {"thinkingLevel": "MINIMAL", "includeThoughts": True},
            },
        },
    ),
    Sample(
        "a-picture-from-an-uploaded-one",
        PRO,
        {
            "contents": [
                ask(
                    "Like this",
                    {"fileData": {"fileUri": "files/abc", "mimeType": "image/png", "displayName": "moth"}},
                    {"inlineData": {"mimeType": "image/png", "data": PNG, "displayName": "wing"}},
                ),
            ],
            "generationConfig": {"responseModalities": ["TEXT", "IMAGE"], "temperature": 1, "seed": 7},
        },
    ),
    Sample(
        "a-chat-about-a-picture",
        FLASH,
        {
            "contents": [
                ask("A moth"),
                {
                    "role": "model",
                    "parts": [
                        {"text": "A sketch first.", "thought": True},
                        {**inline(JPEG, "image/jpeg"), "thoughtSignature": SIGNATURE},
                    ],
                },
                ask("Now open the wings"),
            ],
            "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]},
        },
    ),
    Sample(
        "a-chat-in-mixed-spelling",
        PRO,
        {
            "contents": [
                {"role": "user", "parts": [{"text": "A wing"}]},
                {
                    "role": "model",
                    "parts": [{"inline_data": {"mime_type": "image/png", "data": PNG}, "thought_signature": SIGNATURE}],
                },
                {"role": "user", "parts": [{"text": "Larger"}]},
            ],
            "system_instruction": {"parts": {"text": "You are an illustrator."}},
            "generationConfig": {"response_modalities": ["Text", "Image"], "imageConfig": {"image_size": "1K"}},
        },
    ),
    Sample(
        "a-picture-after-a-search",
        FLASH,
        {
            "contents": [ask("The moth that was found last week")],
            "tools": [
                {
                    "googleSearch": {
                        "searchTypes": {"webSearch": {}, "imageSearch": {}},
                        "timeRangeFilter": {
                            "startTime": "2026-01-01T00:00:00Z",
                            "endTime": "2026-01-31T12:00:00.5+02:00",
                        },
                    }
                }
            ],
            "generationConfig": {"thinkingConfig": {"thinkingLevel": "HIGH"}},
        },
    ),
    Sample(
        "the-newer-spelling-of-the-format",
        FLASH,
        {
            "contents": [ask("An owl")],
            "generationConfig": {
                "responseFormat": {
                    "image": {
                        "aspectRatio": "ASPECT_RATIO_SIXTEEN_BY_NINE",
                        "imageSize": "IMAGE_SIZE_TWO_K",
                        "mimeType": "IMAGE_JPEG",
                        "delivery": "INLINE",
                    }
                },
            },
        },
    ),
    Sample(
        "a-video",
        None,
        {
            "contents": [
                ask(
                    "What happens here?",
                    {
                        "fileData": {"fileUri": "https://example.org/moth.mp4", "mimeType": "video/mp4"},
                        "videoMetadata": {"startOffset": "1.5s", "endOffset": "90s", "fps": 0.5},
                        "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
                        "mediaProcessing": "AGENTIC",
                    },
                )
            ],
            "generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"},
        },
    ),
    Sample(
        "a-video-in-snake-case",
        None,
        {
            "contents": [
                {
                    "parts": [
                        {"inline_data": {"mime_type": "video/mp4", "data": "AAAA"}, "video_metadata": {"fps": 2}},
                        {
                            "text": "x",
                            "part_metadata": {"frame_id": 3},
                            "media_resolution": {"level": "media_resolution_low"},
                        },
                    ]
                }
            ],
        },
    ),
)
