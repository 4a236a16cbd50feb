"""What the host is told: its configuration, what the environment says over it, its secrets."""
