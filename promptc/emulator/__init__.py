"""A local stand-in for the API, a program of its own."""
