"""All SQL of the slice: documents, their reading, and the search through their chunks."""
