"""The command line: arguments become one call, one reporter, one exit code."""
