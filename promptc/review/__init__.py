"""Judgement: expectations become verdicts, two requests become changes."""
