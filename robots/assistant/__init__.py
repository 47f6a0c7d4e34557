"""Answers with a language model from the documents and cites them."""
