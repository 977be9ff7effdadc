"""Requests with tools: each kind, and calls and answers of functions."""

from tests.mutations.sample import PNG, SIGNATURE, Sample, ask

_OBJECT = {"type": "object", "properties": {"inline_data": {"type": "string"}}}

TOOLS = (
    Sample(
        "functions",
        None,
        {
            "contents": [ask("Which moths fly in Bern?")],
            "tools": [
                {
                    "functionDeclarations": [
                        {
                            "name": "moths",
                            "description": "Moths at a place",
                            "behavior": "BLOCKING",
                            "parameters": {
                                "type": "OBJECT",
                                "properties": {"place": {"type": "STRING"}, "days": {"type": "INTEGER"}},
                                "required": ["place"],
                            },
                            "response": {"type": "ARRAY", "items": {"type": "STRING"}},
                        },
                        {"name": "plants", "parametersJsonSchema": _OBJECT, "responseJsonSchema": _OBJECT},
                    ]
                }
            ],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["moths"]}},
        },
    ),
    Sample(
        "functions-in-snake-case",
        None,
        {
            "contents": {"role": "user", "parts": {"text": "Which moths?"}},
            "tools": {
                "function_declarations": {
                    "name": "moths",
                    "parameters": {"type": "object", "properties": {"top_k": {"type": "integer", "max_items": 3}}},
                }
            },
            "tool_config": {"function_calling_config": {"mode": "validated", "allowed_function_names": "moths"}},
        },
    ),
    Sample(
        "a-call-and-its-answer",
        None,
        {
            "contents": [
                ask("Which moths fly in Bern?"),
                {
                    "role": "model",
                    "parts": [
                        {
                            "functionCall": {"id": "1", "name": "moths", "args": {"mime_type": None}},
                            "thoughtSignature": SIGNATURE,
                        }
                    ],
                },
                {
                    "role": "function",
                    "parts": [
                        {
                            "functionResponse": {
                                "id": "1",
                                "name": "moths",
                                "response": {"inline_data": [1.0, None]},
                                "scheduling": "WHEN_IDLE",
                                "willContinue": False,
                                "parts": [
                                    {"inlineData": {"mimeType": "image/png", "data": PNG, "displayName": "wing"}},
                                    {"fileData": {"fileUri": "files/abc", "mimeType": "image/png"}},
                                ],
                            }
                        }
                    ],
                },
            ],
        },
    ),
    Sample(
        "code-that-was-run",
        None,
        {
            "contents": [
                ask("Add them"),
                {
                    "role": "model",
                    "parts": [
                        {"executableCode": {"id": "1", "language": "PYTHON", "code": "print(1 + 1)"}},
                        {"codeExecutionResult": {"id": "1", "outcome": "OUTCOME_OK", "output": "2"}},
                    ],
                },
                ask("Again"),
            ],
            "tools": [{"codeExecution": {}}],
        },
    ),
    Sample(
        "tools-on-the-servers-side",
        None,
        {
            "contents": [
                ask("Find it"),
                {
                    "role": "model",
                    "parts": [
                        {"toolCall": {"id": "1", "toolName": "s", "toolType": "GOOGLE_SEARCH_WEB", "args": {"q": 1}}},
                        {"toolResponse": {"id": "1", "toolType": "GOOGLE_SEARCH_WEB", "response": {"top_k": 40.0}}},
                    ],
                },
                ask("More"),
            ],
            "toolConfig": {"includeServerSideToolInvocations": True},
            "tools": [{"googleSearch": {}}, {"urlContext": {}}],
        },
    ),
    Sample(
        "maps",
        None,
        {
            "contents": [ask("Where?")],
            "tools": [{"googleMaps": {"enableWidget": True}}],
            "toolConfig": {
                "retrievalConfig": {"languageCode": "de", "latLng": {"latitude": 46.9, "longitude": 7.4}},
            },
        },
    ),
    Sample(
        "the-older-search",
        None,
        {
            "contents": [ask("What is new?")],
            "tools": [
                {
                    "googleSearchRetrieval": {
                        "dynamicRetrievalConfig": {"mode": "MODE_DYNAMIC", "dynamicThreshold": 0.3},
                    }
                }
            ],
        },
    ),
    Sample(
        "files-and-a-computer",
        None,
        {
            "contents": [ask("Look it up")],
            "tools": [
                {
                    "fileSearch": {
                        "fileSearchStoreNames": ["fileSearchStores/moths"],
                        "metadataFilter": "family=Saturniidae",
                        "topK": 5,
                    }
                },
                {
                    "computerUse": {
                        "environment": "ENVIRONMENT_BROWSER",
                        "excludedPredefinedFunctions": ["drag_and_drop"],
                        "disabledSafetyPolicies": ["ACCOUNT_CREATION"],
                        "enablePromptInjectionDetection": True,
                    }
                },
            ],
        },
    ),
    Sample(
        "servers-of-ones-own",
        None,
        {
            "contents": [ask("Ask the museum")],
            "tools": [
                {
                    "mcpServers": [
                        {
                            "name": "museum",
                            "streamableHttpTransport": {
                                "url": "https://example.org/mcp",
                                "headers": {"accept_language": "de", "acceptLanguage": "en"},
                                "timeout": "30s",
                                "sseReadTimeout": "300.250s",
                                "terminateOnClose": True,
                            },
                        }
                    ]
                }
            ],
        },
    ),
)
