"""All SQL of the language models, by noun."""
