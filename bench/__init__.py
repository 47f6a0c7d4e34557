"""What the desk costs and how fast it is, beside its peers in the same run: `make bench`."""
