"""A Tryton of one's own: installed beside us, prepared from a data set, started and stopped.

Tryton is under the GPL. It runs in an environment and in processes of its own; what is here talks
to it over HTTP and imports nothing of it.
"""
