"""Plugins in processes of their own: killed at the deadline, limited in memory, without a network.

`start_in_process` is the face of this room for the host; a plugin's own process runs `child` and
imports nothing else of the host. Nothing is imported here, so that it stays that way.
"""
