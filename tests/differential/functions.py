"""Intents about functions of one's own."""

from google.genai import types

from tests.differential.intent import Intent, configured, prompted

_NO_CALLS = types.AutomaticFunctionCallingConfig(disable=True)
"""The SDK would call Python functions by itself, and then there were more requests than intents."""


def get_weather(city: str, days: int) -> str:
    """Say how the weather will be."""
    raise NotImplementedError(city, days)


FUNCTIONS = (
    Intent(
        name="function-with-parameters",
        ask=configured(
            tools=[
                types.Tool(
                    function_declarations=[
                        types.FunctionDeclaration(
                            name="find_moth",
                            description="Find a moth",
                            parameters=types.Schema(
                                type=types.Type.OBJECT,
                                properties={
                                    "latin_name": types.Schema(type=types.Type.STRING, description="Genus and species"),
                                    "max_results": types.Schema(type=types.Type.INTEGER, minimum=1),
                                    "in_regions": types.Schema(
                                        type=types.Type.ARRAY, items=types.Schema(type=types.Type.STRING), max_items=3
                                    ),
                                },
                                required=["latin_name"],
                            ),
                        )
                    ]
                )
            ],
            automatic_function_calling=_NO_CALLS,
        ),
        spec=prompted(
            """
            [[tools]]
            [[tools.functionDeclarations]]
            name = "find_moth"
            description = "Find a moth"

            [tools.functionDeclarations.parameters]
            type = "object"
            required = ["latin_name"]
            properties.latin_name = { type = "string", description = "Genus and species" }
            properties.max_results = { type = "integer", minimum = 1 }
            properties.in_regions = { type = "array", items = { type = "string" }, maxItems = 3 }
            """
        ),
    ),
    Intent(
        name="function-with-a-json-schema",
        ask=configured(
            tools=[
                {
                    "function_declarations": [
                        {
                            "name": "find_moth",
                            "parameters_json_schema": {
                                "type": "object",
                                "properties": {"latin_name": {"type": "string"}},
                                "additionalProperties": False,
                            },
                        }
                    ]
                }
            ],
            automatic_function_calling=_NO_CALLS,
        ),
        spec=prompted(
            """
            [[tools]]
            [[tools.functionDeclarations]]
            name = "find_moth"

            [tools.functionDeclarations.parametersJsonSchema]
            type = "object"
            properties = { latin_name = { type = "string" } }
            additionalProperties = false
            """
        ),
    ),
    Intent(
        name="function-that-is-a-python-function",
        ask=configured(tools=[get_weather], automatic_function_calling=_NO_CALLS),
        spec=prompted(
            """
            [[tools]]
            [[tools.function_declarations]]
            name = "get_weather"
            description = "Say how the weather will be."
            response_json_schema = { type = "string" }

            [tools.function_declarations.parameters_json_schema]
            type = "object"
            properties = { city = { type = "string" }, days = { type = "integer" } }
            required = ["city", "days"]
            """
        ),
    ),
    Intent(
        name="functions-by-name",
        ask=configured(
            tools=[{"functionDeclarations": [{"name": "find_moth"}, {"name": "draw_moth"}]}],
            tool_config=types.ToolConfig(
                function_calling_config=types.FunctionCallingConfig(
                    mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=["draw_moth"]
                )
            ),
            automatic_function_calling=_NO_CALLS,
        ),
        spec=prompted(
            """
            [[tools]]
            function_declarations = [{ name = "find_moth" }, { name = "draw_moth" }]

            [tool_config.function_calling_config]
            mode = "any"
            allowed_function_names = ["draw_moth"]
            """
        ),
    ),
    Intent(
        name="server-side-calls-shown",
        ask=configured(
            tools=[{"google_search": {}}, {"function_declarations": [{"name": "find_moth"}]}],
            tool_config={"include_server_side_tool_invocations": True},
            automatic_function_calling=_NO_CALLS,
        ),
        spec=prompted(
            """
            [[tools]]
            google_search = {}

            [[tools]]
            function_declarations = [{ name = "find_moth" }]

            [toolConfig]
            includeServerSideToolInvocations = true
            """
        ),
    ),
)
