"""Intents about what is said: texts, pictures, films, files, the turns of a talk, tool calls."""

from google.genai import types

from tests.differential.intent import (
    MODEL,
    PAINTER,
    PARCHMENT,
    PROMPT,
    WING,
    Intent,
    base64_of,
    generate,
    parts_of,
    prompted,
    verbatim,
)

FILE_URI = "https://generativelanguage.googleapis.com/v1beta/files/abc-123"
FILM_URI = "https://www.youtube.com/watch?v=9hE5-98ZeCg"
SIGNATURE = bytes(range(200, 256)) * 3
SOUND = b"ID3\x04" + bytes(range(255, 0, -1))

_wing = types.Part.from_bytes(data=WING, mime_type="image/png")
_parchment = types.Part.from_bytes(data=PARCHMENT, mime_type="image/jpeg")
# what TOML wants on one line
_CALL = '{ id = "call-1", name = "get_weather", args = { city_name = "Paris", max_days = 2.0 } }'
_REFERENCE = '{ picture = { "$ref" = "wing.png" } }'
_WING = f'{{ inline_data = {{ mime_type = "image/png", data = "{base64_of(WING)}" }} }}'

CONTENTS = (
    Intent(name="text", ask=generate(PROMPT), spec=prompted()),
    Intent(
        name="text-as-a-content-without-role",
        ask=generate(types.Content(parts=[types.Part(text=PROMPT)])),
        spec=verbatim(f'  {{ parts = [{{ text = "{PROMPT}" }}] }},'),
    ),
    Intent(
        name="several-texts",
        ask=generate(["Look closely.", "Describe the wings.\n", "¿Qué ves? 🦋"]),
        spec=parts_of(
            '  { text = "Look closely." },\n  { text = "Describe the wings.\\n" },\n  { text = "¿Qué ves? 🦋" },'
        ),
    ),
    Intent(
        name="image-bytes",
        ask=generate([_wing, "What is this?"]),
        spec=parts_of('  { image = "images/wing.png" },\n  { text = "What is this?" },'),
    ),
    Intent(
        name="several-images",
        ask=generate(["Put the wing on the parchment", _wing, _parchment], model=PAINTER),
        spec=parts_of(
            '  { text = "Put the wing on the parchment" },\n  { image = ["images/wing.png", "images/parchment.jpg"] },',
            model=PAINTER,
        ),
    ),
    Intent(
        name="image-to-image",
        ask=generate(
            ["Make it blue", _wing],
            types.GenerateContentConfig(
                response_modalities=["IMAGE"], image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K")
            ),
            model=PAINTER,
        ),
        spec=parts_of(
            '  { text = "Make it blue" },\n  { image = "images/wing.png" },',
            """
            [generationConfig]
            responseModalities = ["IMAGE"]
            imageConfig = { aspectRatio = "16:9", imageSize = "2K" }
            """,
            model=PAINTER,
        ),
    ),
    Intent(
        name="image-with-a-media-resolution-of-its-own",
        ask=generate(
            [
                types.Part.from_bytes(data=WING, mime_type="image/png", media_resolution="MEDIA_RESOLUTION_HIGH"),
                "Read the small print",
            ]
        ),
        spec=parts_of(
            '  { image = "images/wing.png", mediaResolution = { level = "MEDIA_RESOLUTION_HIGH" } },\n'
            '  { text = "Read the small print" },'
        ),
    ),
    Intent(
        name="file-uri",
        ask=generate([types.Part.from_uri(file_uri=FILE_URI, mime_type="image/png"), "What is this?"]),
        spec=parts_of(
            f'  {{ fileData = {{ fileUri = "{FILE_URI}", mimeType = "image/png" }} }},\n  {{ text = "What is this?" }},'
        ),
    ),
    Intent(
        name="uploaded-file",
        ask=generate([types.File(name="files/abc-123", uri=FILE_URI, mime_type="application/pdf"), "Sum it up"]),
        spec=parts_of(
            f'  {{ file_data = {{ file_uri = "{FILE_URI}", mime_type = "application/pdf" }} }},\n'
            '  { text = "Sum it up" },'
        ),
    ),
    Intent(
        name="video-with-metadata",
        ask=generate(
            types.Content(
                role="user",
                parts=[
                    types.Part(
                        file_data=types.FileData(file_uri=FILM_URI),
                        video_metadata=types.VideoMetadata(start_offset="12s", end_offset="20.500s", fps=2),
                    ),
                    types.Part(text="Draw the moth of this scene"),
                ],
            )
        ),
        spec=parts_of(
            f'  {{ fileData = {{ fileUri = "{FILM_URI}" }}, '
            'videoMetadata = { startOffset = "12s", endOffset = "20.5s", fps = 2 } },\n'
            '  { text = "Draw the moth of this scene" },'
        ),
    ),
    Intent(
        name="sound-bytes",
        ask=generate(["Write down what is said", types.Part.from_bytes(data=SOUND, mime_type="audio/mp3")]),
        spec=parts_of(
            '  { text = "Write down what is said" },\n'
            f'  {{ inlineData = {{ mimeType = "audio/mp3", data = "{base64_of(SOUND)}" }} }},'
        ),
    ),
    Intent(
        name="turns-of-both-roles",
        ask=generate(
            [
                types.UserContent("Monarch"),
                types.ModelContent("Danaus plexippus"),
                types.UserContent("Luna moth"),
            ]
        ),
        spec=f"""
            model = "{MODEL}"

            [[turns]]
            text = "Monarch"

            [[turns]]
            role = "model"
            text = "Danaus plexippus"

            [[turns]]
            text = "Luna moth"
            """,
    ),
    Intent(
        name="a-signed-turn-of-the-model",
        ask=generate(
            [
                types.UserContent("Draw a moth"),
                types.Content(
                    role="model",
                    parts=[
                        types.Part(text="First the wings", thought=True),
                        types.Part(text="Here it is", thought_signature=SIGNATURE),
                    ],
                ),
                types.UserContent("Now blue"),
            ]
        ),
        spec=verbatim(
            f"""
            {{ role = "user", parts = [{{ text = "Draw a moth" }}] }},
            {{ role = "model", parts = [
              {{ text = "First the wings", thought = true }},
              {{ text = "Here it is", thought_signature = "{base64_of(SIGNATURE)}" }},
            ] }},
            {{ role = "user", parts = [{{ text = "Now blue" }}] }},
            """
        ),
    ),
    Intent(
        name="contents-as-camel-case-dicts",
        ask=generate(
            [
                {
                    "role": "user",
                    "parts": [{"text": "Mend it"}, {"inlineData": {"mimeType": "image/png", "data": base64_of(WING)}}],
                }
            ]
        ),
        spec=parts_of('  { text = "Mend it" },\n  { image = "images/wing.png" },'),
    ),
    Intent(
        name="contents-as-snake-case-dicts",
        ask=generate([{"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": WING}}]}]),
        spec=parts_of('  { image = "images/wing.png" },'),
    ),
    Intent(
        name="function-call-and-response",
        ask=generate(
            [
                types.UserContent("How warm is it in Paris?"),
                types.Content(
                    role="model",
                    parts=[
                        types.Part(
                            function_call=types.FunctionCall(
                                id="call-1", name="get_weather", args={"city_name": "Paris", "max_days": 2.0}
                            ),
                            thought_signature=SIGNATURE,
                        )
                    ],
                ),
                types.Content(
                    role="user",
                    parts=[
                        types.Part(
                            function_response=types.FunctionResponse(
                                id="call-1", name="get_weather", response={"air_temp": 21.5}
                            )
                        )
                    ],
                ),
            ]
        ),
        spec=verbatim(
            f"""
            {{ role = "user", parts = [{{ text = "How warm is it in Paris?" }}] }},
            {{ role = "model", parts = [
              {{ functionCall = {_CALL}, thoughtSignature = "{base64_of(SIGNATURE)}" }},
            ] }},
            {{ role = "user", parts = [
              {{ functionResponse = {{ id = "call-1", name = "get_weather", response = {{ air_temp = 21.5 }} }} }},
            ] }},
            """
        ),
    ),
    Intent(
        name="function-response-with-a-picture",
        ask=generate(
            types.Content(
                role="user",
                parts=[
                    types.Part.from_function_response(
                        name="get_picture",
                        response={"picture": {"$ref": "wing.png"}},
                        parts=[types.FunctionResponsePart.from_bytes(data=WING, mime_type="image/png")],
                    )
                ],
            )
        ),
        spec=verbatim(
            f"""
            {{ role = "user", parts = [
              {{ function_response = {{ name = "get_picture", response = {_REFERENCE}, parts = [{_WING}] }} }},
            ] }},
            """
        ),
    ),
    Intent(
        name="code-and-its-result",
        ask=generate(
            [
                types.UserContent("Count the moths"),
                types.ModelContent(
                    [
                        types.Part.from_executable_code(code="print(6 * 7)", language=types.Language.PYTHON),
                        types.Part.from_code_execution_result(outcome=types.Outcome.OUTCOME_OK, output="42\n"),
                    ]
                ),
                types.UserContent("And the butterflies?"),
            ]
        ),
        spec=verbatim(
            """
            { role = "user", parts = [{ text = "Count the moths" }] },
            { role = "model", parts = [
              { executableCode = { code = "print(6 * 7)", language = "python" } },
              { codeExecutionResult = { outcome = "OUTCOME_OK", output = "42\\n" } },
            ] },
            { role = "user", parts = [{ text = "And the butterflies?" }] },
            """
        ),
    ),
)
