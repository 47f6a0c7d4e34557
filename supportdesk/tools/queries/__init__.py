"""All SQL of tools, by noun: executions, the settings that approve them, the tools of a workspace, the demo shop."""
