"""The operations: the only place where the wings meet, one module each."""
