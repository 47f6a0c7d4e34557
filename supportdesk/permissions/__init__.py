"""Permissions: what somebody may do, why, and how fast they stop being able to.

Owns roles and role_permissions; reads who has which role. Composes the entrances of staff and guests, because only
here is it known what either may do.
Announces AccessChanged, upon which higher slices look again at what somebody's sockets hear.
Rules that surprise: guests and robots have the role that bears their name, without a row for each of them; a personal
access token is met with its owner's roles, never added to them; grants are remembered per process under the version
that the look-up of a session brings along, so what is remembered cannot be stale; every two seconds one query asks
for the versions of everybody connected, so that a right that was taken on one node is gone from the sockets of all.
"""
