"""Descriptions: what programs may ask of the desk and will hear from it, as OpenAPI and AsyncAPI.

Owns no table. Both documents are generated from the tables of routes and the models that validate the traffic; this
slice adds what those do not say: the shapes of frames and answers that are built as plain dicts because they are built
often, and what each error code means.
The rule that surprises: these shapes forbid fields that they do not name, and tests hold what a running desk really
sends against them, so that a new field is either described here or does not leave the desk.
"""
