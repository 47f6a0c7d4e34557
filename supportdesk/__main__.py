"""`python -m supportdesk` is the command line."""

from supportdesk.cli import main

main()
