"""Beginnings of projects: what `crossdock new` writes, and how it is brought up to date later."""
