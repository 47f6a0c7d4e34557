"""Guests: the customers in the widget, who they are and whether they may speak.

Owns guest_sessions, guest_blocks, and users of type guest.
Announces GuestBlocked, GuestUnblocked and GuestSessionEnded, upon which live sockets are looked at again.
Rules that surprise: a typed e-mail address identifies nobody, only an id that the workspace's own server has signed
does; an anonymous guest who turns out to be somebody known is *not* merged with them, because nobody has proved that
the earlier conversation was theirs, they simply go on as the one who was signed for; a token that has run out opens
nothing but its own renewal, and renewing twice with the same token gives the same answer.
"""
