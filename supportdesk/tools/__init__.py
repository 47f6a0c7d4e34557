"""Tools: what robots may ask the desk to do, who decides about it, and that it is done at most once.

Owns tool_executions, auto_approval_settings, workspace_tools, mcp_servers and the demo shop's orders and vouchers.
Announces ToolsApproved (something may run now) and ToolsSettled (something is over). Nothing runs without a row that a
policy or a person has approved: `policy.decide` is the only way to the first, `actions.decide_execution` to the second,
and `executor.Executor.run` claims what it runs by `UPDATE … WHERE status = 'approved' RETURNING`.

The rule that surprises: what runs may be run twice only if it says so. A crash leaves `executing`; the sweep runs
idempotent tools again and marks all others failed, because they may have run.
"""
