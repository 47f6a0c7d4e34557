"""Guests: customers in the widget, their sessions and their identity.

Owns guest_sessions and guest_blocks, and the rows of users that are guests. Announces GuestBlocked and GuestChanged.
A guest is whoever holds a token: signed, bound to workspace, site and guest, rotated before it expires. A typed
e-mail address identifies nobody; only an HMAC made with the workspace's secret does.
The rule that surprises: identifying keeps the guest's id, unless that identity belongs to an earlier guest already;
then the session goes on as that guest, and what was said anonymously stays where it was said.
"""
