"""Specs as pytest's tests: what the plugin needs once there are any."""
