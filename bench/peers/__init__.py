"""What `make bench` measures beside the desk: each a process of its own, all speaking the same few events."""
