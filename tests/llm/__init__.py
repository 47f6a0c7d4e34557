"""Language models, asked over HTTP on loopback and by functions."""
