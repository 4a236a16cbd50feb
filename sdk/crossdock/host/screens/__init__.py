"""What is shown: tabs, cards, named lists of accounts and scores."""
