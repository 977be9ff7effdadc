"""Brings the closing line along wherever these tests are named on the command line."""

from tests.mutations.summary import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
