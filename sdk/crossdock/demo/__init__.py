"""`crossdock demo`: mocks, worker and desk as real processes, and a quote played to cash."""
