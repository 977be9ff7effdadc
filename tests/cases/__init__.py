"""Tiny projects, and what the compiler makes of them."""
