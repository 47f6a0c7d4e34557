"""The robots that ship, one folder each. All a robot may import is supportdesk.robots.contract."""
