"""Language models: whose they are, what may be asked of them, and what it costs.

Owns `provider_configs`, `ai_models`, `usage_logs`, `ai_cache`, `context_optimizations`, and the `llm_` tables.
Announces nothing: whoever asks a model waits for its answer.

What surprises: nothing at the top of a module imports `engine`, the only one that knows pydantic-ai, because that takes
seconds; it is loaded in a thread when a model is first asked. A call is held against the budgets before it is made and
booked when it ends, however it ends, in a transaction of its own; no transaction is open while a model speaks. A key is
encrypted for its row and its address together, so that neither can be moved to the other.
"""
