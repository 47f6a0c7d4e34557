"""The demo workspace: Acme Store with its people, conversations and help centre, a desk at work to look at.

Owns no table. It speaks through the same actions as everybody else and then moves what it said into the past.
The rule that surprises: the passwords are public, so loading it is refused unless the desk listens on loopback.
"""
