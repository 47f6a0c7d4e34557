"""What is measured on is made in databases of its own."""

from tests.schema.conftest import make_database, template

__all__ = ["make_database", "template"]
