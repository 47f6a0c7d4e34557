"""Evaluation: how good the desk's own parts are, measured on public sets or on anybody's in the same formats.

Owns no table and needs no database: `supportdesk eval SET FOLDER` reads files and prints figures. What is learnt is
learnt from training splits; thresholds come from validation splits; test splits are only read. docs/evaluation.md has
the formats, the methods and the figures.
"""
