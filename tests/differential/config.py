"""Intents about how the model is to answer: system instruction, sampling, thinking, safety, service."""

from google.genai import types

from tests.differential.intent import PAINTER, PROMPT, Intent, configured, generate, prompted

CONFIG = (
    Intent(name="config-empty", ask=configured(), spec=prompted()),
    Intent(name="config-empty-dict", ask=generate(config={}), spec=prompted("[generationConfig]")),
    Intent(
        name="sampling",
        ask=configured(temperature=1, top_p=0.95, top_k=40, seed=20, candidate_count=1, max_output_tokens=8192),
        spec=prompted(
            """
            [generationConfig]
            temperature = 1.0
            topP = 0.95
            topK = 40
            seed = 20
            candidateCount = 1
            maxOutputTokens = 8192
            """
        ),
    ),
    Intent(
        name="stop-and-penalties",
        ask=configured(stop_sequences=["END", "\n\n"], presence_penalty=0.5, frequency_penalty=-0.25),
        spec=prompted(
            """
            [generation_config]
            stop_sequences = ["END", "\\n\\n"]
            presence_penalty = 0.5
            frequency_penalty = -0.25
            """
        ),
    ),
    Intent(
        name="logprobs",
        ask=configured(response_logprobs=True, logprobs=3),
        spec=prompted("[generationConfig]\nresponseLogprobs = true\nlogprobs = 3"),
    ),
    Intent(
        name="config-as-a-snake-case-dict",
        ask=generate(
            config={
                "temperature": 0,
                "response_modalities": ["IMAGE"],
                "image_config": {"aspect_ratio": "4:5"},
                "thinking_config": {"thinking_level": "high"},
            },
            model=PAINTER,
        ),
        spec=prompted(
            """
            [generationConfig]
            temperature = 0
            responseModalities = ["IMAGE"]
            imageConfig = { aspectRatio = "4:5" }
            thinkingConfig = { thinkingLevel = "HIGH" }
            """,
            model=PAINTER,
        ),
    ),
    Intent(
        name="config-as-a-camel-case-dict",
        ask=generate(
            config={
                "maxOutputTokens": 100,
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {"aspectRatio": "4:5", "imageSize": "1K"},
                "systemInstruction": {"parts": [{"text": "Be brief."}]},
                "tools": [{"googleSearch": {}}],
            },
            model=PAINTER,
        ),
        spec=prompted(
            """
            [generation_config]
            max_output_tokens = 100
            response_modalities = ["TEXT", "IMAGE"]
            image_config = { aspect_ratio = "4:5", image_size = "1K" }

            [[tools]]
            google_search = {}
            """,
            top='system = "Be brief."',
            model=PAINTER,
        ),
    ),
    Intent(
        name="system-instruction",
        ask=configured(system_instruction="You are a scientific illustrator."),
        spec=prompted(top='system = "You are a scientific illustrator."'),
    ),
    Intent(
        name="system-instruction-as-a-content",
        ask=configured(
            system_instruction=types.Content(parts=[types.Part(text="Be brief."), types.Part(text="Be kind.")])
        ),
        spec=prompted('[systemInstruction]\nparts = [{ text = "Be brief." }, { text = "Be kind." }]'),
    ),
    Intent(
        name="system-instruction-as-a-list",
        ask=configured(system_instruction=["Be brief.", "Be kind."]),
        spec=prompted('[systemInstruction]\nparts = [{ text = "Be brief." }, { text = "Be kind." }]'),
    ),
    Intent(
        name="thinking-budget",
        ask=configured(thinking_config=types.ThinkingConfig(thinking_budget=1024, include_thoughts=False)),
        spec=prompted("[generationConfig.thinkingConfig]\nthinkingBudget = 1024\nincludeThoughts = false"),
    ),
    Intent(
        name="thinking-off",
        ask=configured(thinking_config=types.ThinkingConfig(thinking_budget=0)),
        spec=prompted("[generationConfig]\nthinkingConfig = { thinkingBudget = 0 }"),
    ),
    Intent(
        name="thinking-level",
        ask=configured(
            model=PAINTER,
            thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.MINIMAL, include_thoughts=True),
        ),
        spec=prompted(
            '[generationConfig]\nthinkingConfig = { includeThoughts = true, thinkingLevel = "minimal" }', model=PAINTER
        ),
    ),
    Intent(
        name="thinking-level-in-lower-case",
        ask=configured(thinking_config={"thinking_level": "low"}),
        spec=prompted('[generationConfig]\nthinking_config = { thinking_level = "LOW" }'),
    ),
    Intent(
        name="safety-settings",
        ask=configured(
            safety_settings=[
                types.SafetySetting(
                    category=types.HarmCategory.HARM_CATEGORY_HARASSMENT,
                    threshold=types.HarmBlockThreshold.BLOCK_ONLY_HIGH,
                ),
                {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "threshold": "OFF"},
                {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"},
            ]
        ),
        spec=prompted(
            """
            [[safety_settings]]
            category = "HARM_CATEGORY_HARASSMENT"
            threshold = "BLOCK_ONLY_HIGH"

            [[safety_settings]]
            category = "HARM_CATEGORY_DANGEROUS_CONTENT"
            threshold = "off"

            [[safety_settings]]
            category = "harm_category_hate_speech"
            threshold = "BLOCK_NONE"
            """
        ),
    ),
    Intent(
        name="cached-content",
        ask=configured(cached_content="cachedContents/moths-2026"),
        spec=prompted(top='cachedContent = "cachedContents/moths-2026"'),
    ),
    Intent(
        name="service-tier-and-store",
        ask=configured(service_tier=types.ServiceTier.FLEX, store=False),
        spec=prompted(top='serviceTier = "flex"\nstore = false'),
    ),
    Intent(
        name="labels",
        ask=configured(labels={"team": "entomology", "cost_center": "42"}),
        # the SDK sends them, but Google's discovery document doesn't know them: the way out is for that
        spec=prompted('[unchecked.labels]\nteam = "entomology"\ncost_center = "42"'),
    ),
    Intent(
        name="a-field-newer-than-the-sdk",
        ask=generate(
            PROMPT,
            types.GenerateContentConfig(
                seed=20, http_options=types.HttpOptions(extra_body={"generationConfig": {"aBrandNewField": [1]}})
            ),
        ),
        spec=prompted("[generationConfig]\nseed = 20\n\n[unchecked.generationConfig]\naBrandNewField = [1]"),
    ),
    Intent(
        name="settings-of-the-connection-only",
        ask=generate(
            PROMPT,
            types.GenerateContentConfig(
                http_options=types.HttpOptions(timeout=20_000, headers={"x-goog-request-params": "purpose=test"})
            ),
        ),
        spec=prompted(),
    ),
)
