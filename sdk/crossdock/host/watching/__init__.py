"""What is watched: figures, spans, logs and slow calls."""
