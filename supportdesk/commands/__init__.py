"""The commands by what they work on: the server, the data, the people. Each module adds its own to the parser."""
