"""What `crossdock dev` runs: mocks, host, worker and desk in one process, watching the code."""
