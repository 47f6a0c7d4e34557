"""The customers' side: the one-tag loader, the frame it opens, and the beginning of a conversation.

Owns no table. A read model and an entrance: what happens in a room is the business of rooms and messages.
The rule that surprises: the frame lives on the desk's own origin, so the embedding site is held by `frame-ancestors`
and by the origin in the hand-shake, not by CORS. What the chat says is English in the source and translated in
`languages/*.po`; a test finds what is missing there.
"""
