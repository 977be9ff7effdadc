"""The wire: cassettes, transport and retries; the only wing that knows vcrpy and requests."""
