"""From spec files to requests: pure, no network, no clock."""
