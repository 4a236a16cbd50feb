"""Opportunities that say what is so: guarded when they are saved, and scored with evidence."""
