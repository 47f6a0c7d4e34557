"""Workspaces: a company's isolated desk, and the sites that carry its widget.

Owns workspaces, sites, plans and subscriptions.
Announces SiteChanged, so that remembered sites are looked up again.
The rule that surprises: the desk's own origin may always open a guest session, because the widget's frame is served
from there; the site that embeds the frame is held by `frame-ancestors`, for which `allowed_origins` is the list.
The identity secret signs who a guest is; it is encrypted at rest, made when it is first asked for, and showing it is
written to the audit log.
"""
