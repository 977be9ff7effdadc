"""promptc: a compiler and test harness for prompts kept in version control."""

__version__ = "0.1.0"
