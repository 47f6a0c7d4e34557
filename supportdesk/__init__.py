"""A self-hosted support desk: robots answer first, people take over without a seam."""

__version__ = "0.1.0"
