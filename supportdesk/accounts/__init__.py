"""Accounts: the staff of the desk, how they prove who they are, and how they come and go.

Owns users (as people), sessions, personal_access_tokens, socket_tickets, sign_in_attempts, invitations,
verification_tokens, and who has which role (user_roles; what a role grants belongs to permissions).
Announces AccountChanged and SessionsEnded, upon which live sockets are looked at again.
Rules that surprise: an attempt to sign in is counted as failed before the password is checked, so that a hundred at
once get no more tries than one after the other; links are codes over the id of their row, so that a database alone
opens nothing and a desk without mail can show them to an admin again; nobody gives away, by inviting, by a role or by
a reset link, what their own role does not include.
"""
