"""Connectors and mocks of somebody's own, judged by rules as plugins are.

`project` finds them, and needs no mocks; `judging` judges them, and does.
"""
