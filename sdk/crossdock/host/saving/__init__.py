"""What is saved: records with their guards, promotions, and the events of both."""
