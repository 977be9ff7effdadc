"""Intents about the tools that the API brings: search, maps, code, pages, files, a browser."""

from datetime import UTC, datetime, timedelta, timezone

from google.genai import types

from tests.differential.intent import PAINTER, Intent, configured, prompted


def _tool(**fields: object) -> types.Tool:
    return types.Tool.model_validate(fields)


TOOLS = (
    Intent(
        name="google-search",
        ask=configured(tools=[_tool(google_search=types.GoogleSearch())]),
        spec=prompted("[[tools]]\ngoogle_search = {}"),
    ),
    Intent(
        name="google-search-as-a-dict",
        ask=configured(tools=[{"google_search": {}}]),
        spec=prompted("[[tools]]\ngoogleSearch = {}"),
    ),
    Intent(
        name="image-search",
        ask=configured(
            model=PAINTER,
            tools=[
                _tool(
                    google_search=types.GoogleSearch(
                        search_types=types.SearchTypes(web_search=types.WebSearch(), image_search=types.ImageSearch())
                    )
                )
            ],
        ),
        spec=prompted("[[tools]]\ngoogleSearch.searchTypes = { webSearch = {}, imageSearch = {} }", model=PAINTER),
    ),
    Intent(
        name="search-within-a-time",
        ask=configured(
            tools=[
                _tool(
                    google_search=types.GoogleSearch(
                        time_range_filter=types.Interval(
                            start_time=datetime(2026, 1, 1, tzinfo=UTC), end_time=datetime(2026, 2, 1, tzinfo=UTC)
                        )
                    )
                )
            ]
        ),
        spec=prompted(
            """
            [[tools]]
            googleSearch.timeRangeFilter = { startTime = "2026-01-01T00:00:00Z", endTime = "2026-02-01T00:00:00Z" }
            """
        ),
    ),
    Intent(
        name="search-within-a-time-of-another-zone",
        ask=configured(
            tools=[
                _tool(
                    google_search={
                        "time_range_filter": {
                            "start_time": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))),
                            "end_time": datetime(2026, 2, 1, 0, 0, 0, 500_000, tzinfo=UTC),
                        }
                    }
                )
            ]
        ),
        spec=prompted(
            """
            [[tools]]
            googleSearch.timeRangeFilter = { startTime = "2025-12-31T23:00:00Z", endTime = "2026-02-01T00:00:00.5Z" }
            """
        ),
    ),
    Intent(
        name="search-retrieval",
        ask=configured(
            tools=[
                _tool(
                    google_search_retrieval=types.GoogleSearchRetrieval(
                        dynamic_retrieval_config=types.DynamicRetrievalConfig(
                            mode=types.DynamicRetrievalConfigMode.MODE_DYNAMIC, dynamic_threshold=1
                        )
                    )
                )
            ]
        ),
        spec=prompted(
            """
            [[tools]]
            googleSearchRetrieval.dynamicRetrievalConfig = { mode = "mode_dynamic", dynamicThreshold = 1 }
            """
        ),
    ),
    Intent(
        name="url-context",
        ask=configured(tools=[_tool(url_context=types.UrlContext())]),
        spec=prompted("[[tools]]\nurlContext = {}"),
    ),
    Intent(
        name="code-execution",
        ask=configured(tools=[_tool(code_execution=types.ToolCodeExecution())]),
        spec=prompted("[[tools]]\ncode_execution = {}"),
    ),
    Intent(
        name="google-maps",
        ask=configured(
            tools=[_tool(google_maps=types.GoogleMaps(enable_widget=True))],
            tool_config=types.ToolConfig(
                retrieval_config=types.RetrievalConfig(
                    lat_lng=types.LatLng(latitude=48.0, longitude=11.5), language_code="de"
                )
            ),
        ),
        spec=prompted(
            """
            [[tools]]
            googleMaps = { enableWidget = true }

            [toolConfig.retrievalConfig]
            latLng = { latitude = 48, longitude = 11.5 }
            languageCode = "de"
            """
        ),
    ),
    Intent(
        name="file-search",
        ask=configured(
            tools=[
                _tool(
                    file_search=types.FileSearch(
                        file_search_store_names=["fileSearchStores/moths"], metadata_filter="year>1900", top_k=5
                    )
                )
            ]
        ),
        spec=prompted(
            """
            [[tools]]
            fileSearch = { fileSearchStoreNames = ["fileSearchStores/moths"], metadataFilter = "year>1900", topK = 5 }
            """
        ),
    ),
    Intent(
        name="computer-use",
        ask=configured(
            tools=[
                _tool(
                    computer_use=types.ComputerUse(
                        environment=types.Environment.ENVIRONMENT_BROWSER,
                        excluded_predefined_functions=["drag_and_drop"],
                    )
                )
            ]
        ),
        spec=prompted(
            """
            [[tools]]
            computerUse = { environment = "environment_browser", excludedPredefinedFunctions = ["drag_and_drop"] }
            """
        ),
    ),
    Intent(
        name="two-tools",
        ask=configured(tools=[{"google_search": {}}, {"url_context": {}}]),
        spec=prompted("[[tools]]\ngoogle_search = {}\n\n[[tools]]\nurl_context = {}"),
    ),
)
