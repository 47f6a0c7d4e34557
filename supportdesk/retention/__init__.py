"""Retention: how long things are kept, and how they leave.

Owns retention_policies, archive_transactions, archived_rooms and legal_holds. Announces nothing.
HERE IS THE CODE THAT CAN DESTROY DATA. Nothing is deleted that was not first archived and read back; one transaction
per batch; purging comes later, by a policy of its own; a hold outranks everything; every run can be a dry run.
The rule that surprises: an archived room stays in the lists as a row with its title; its messages are in the object
store, as one Parquet file per table with a manifest of their sha256.
"""
