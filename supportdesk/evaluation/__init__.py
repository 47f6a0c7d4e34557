"""Evaluation: how good the desk's own parts are, measured on public sets or on anybody's in the same formats.

Owns no table: `supportdesk eval SET FOLDER` reads files and prints figures, and makes a database of its own where the
product's own way goes through one. What is learnt is learnt from training splits; thresholds come from validation
splits; test splits are only read. docs/evaluation.md has the formats, the methods and the figures.
"""
